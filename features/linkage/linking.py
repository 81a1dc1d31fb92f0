"""Linking: what is registered of parties in, links between their identifiers out.

Invariant: a link is known no earlier than what it rests on. The first time a register is linked,
its links are known from when the last registration they need was known, as they would have been had
it been linked all along; from then on, a new link is known from the moment it is made. So no link
changes what was known before it. (What the model has learnt, it learnt from the whole register.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from features.linkage.chains import least
from features.linkage.matching import Match, Matching, Progress, matches
from features.store import Store

__all__ = ["Linked", "link"]

Row = dict[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Linked:
    """What linking changed, in pairs of identifiers.

    Parameters
    ----------
    parties : int
        Identifiers registered.
    made, kept, withdrawn : int
        Links that are new, that hold as before, and that hold no more.
    """

    parties: int
    made: int
    kept: int
    withdrawn: int


def link(
    store: Store,
    now: datetime,
    matching: Matching = Matching(),  # noqa: B008 - frozen
    progress: Progress = lambda _stage, _share: None,
) -> Linked:
    """Bring a store's links up to date with its parties; done again, it changes nothing.

    A link that holds stays as it was made, its probability too, so that a register that grows does
    not amend every link it has.
    """
    parties = store.read("parties", sealed=True)
    made_at = now if store.holds("links") else None
    found = _links(matches(parties, matching, progress), parties, made_at)
    held = _by_pair(store.read("links"))
    made = [row for pair, row in found.items() if pair not in held]
    gone = [
        row | {"cancelled": True, "known_at": max(now, row["known_at"])}
        for pair, row in held.items()
        if pair not in found
    ]
    progress("writing", 0.9)
    store.take_in("links", made + gone)
    kept = len(found) - len(made)
    return Linked(len(parties), len(made) // 2, kept // 2, len(gone) // 2)


def _links(found: list[Match], parties: pd.DataFrame, made_at: datetime | None) -> dict[Pair, Row]:
    known = dict(zip(parties["party_id"], parties["known_at"], strict=True))
    strength = least((-probability, one, other) for one, other, probability in found)
    shown = least((max(known[one], known[other]), one, other) for one, other, _ in found)
    return {
        (one, other): {
            "party_id": one,
            "linked_party_id": other,
            "probability": -strength[one, other],
            "occurred_at": since,
            "known_at": max(made_at, since) if made_at else since,
            "cancelled": False,
        }
        for (one, other), since in shown.items()
    }


def _by_pair(links: pd.DataFrame) -> dict[Pair, Row]:
    rows: list[Row] = links.to_dict("records")  # type: ignore[assignment] # columns have names
    return {(row["party_id"], row["linked_party_id"]): row for row in rows}
