"""What a service promised while it was under load, and whether its store kept it."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from features.home import Home
from features.records import FILED
from features.records.pseudonyms import pseudonym
from features.store import LINKS, Store
from tests.soak.bodies import Row

Name = tuple[str, str]


@dataclass
class Ledger:
    """What one caller was promised.

    Attributes
    ----------
    accepted : by kind and id, the contents that were accepted, each after the one it amends.
    scores : by id, as answered, but for their links to others.
    """

    accepted: dict[Name, list[Row]] = field(default_factory=dict)
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)

    def accept(self, kind: str, rows: Iterable[Row]) -> None:
        for row in rows:
            contents = self.accepted.setdefault((kind, row[FILED[kind].identity[0]]), [])
            if row not in contents:
                contents.append(row)


def check_kept(home: Home, ledgers: list[Ledger]) -> None:
    """Find every promise kept: a record's versions once each, its last in force, scores equal."""
    accepted = ChainMap(*(ledger.accepted for ledger in ledgers))
    scores = ChainMap(*(ledger.scores for ledger in ledgers))
    assert len(accepted) == sum(len(ledger.accepted) for ledger in ledgers)
    with Store.open(home) as store:
        for kind in FILED:
            contents = {name: rows for (of, name), rows in accepted.items() if of == kind}
            _check_versions(store, kind, contents, home.pseudonym_key())
        for score_id, answered in scores.items():
            kept = store.read_score(score_id)
            assert kept is not None, f"the score {score_id} is lost"
            assert unlinked(json.loads(kept["body"])) == answered


def unlinked(score: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a score says of others, which later amendments change."""
    return {name: value for name, value in score.items() if name not in LINKS}


def _check_versions(store: Store, kind: str, accepted: dict[str, list[Row]], key: bytes) -> None:
    identity = FILED[kind].identity[0]
    if identity in FILED[kind].persons:
        accepted = {pseudonym(name, key): rows for name, rows in accepted.items()}
    held = store.versions(kind)
    counts = held[identity].value_counts()
    in_force = held[held["superseded_at"].isna()]
    assert not in_force.duplicated(list(FILED[kind].identity)).any(), kind
    in_force = in_force.set_index(identity)
    for name, contents in accepted.items():
        assert counts.get(name, 0) == len(contents), (kind, name, contents)
        for field_name in {"customs_value", "amount", "gross_mass_kg"} & set(contents[-1]):
            assert in_force.at[name, field_name] == contents[-1][field_name], (kind, name)
