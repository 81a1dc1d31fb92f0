"""What a look-up of a few records reads: what days keep, and the facts that do not stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.facts import FACTS
from features.seen import seen

__all__ = ["Kept"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class Kept:
    """What a look-up reads.

    Parameters
    ----------
    tables : mapping of str to relation
        By the names of the store's tables: ``facts_<name>``, ``tiles_<profile>``, and in a store
        ``pairs_<name>``; and ``past``, where whole days have been merged.
    not_settled : collection of str
        Names of the facts of which loose ones are looked at too.
    subject : str
        The subject that asks.
    whole_today : bool
        Whether every fact that stays was known before the instants asked about: the day of asking
        is then as whole as those before it.
    """

    tables: Mapping[str, Expression]
    not_settled: Collection[str]
    subject: str
    whole_today: bool = False

    def seen(self, marked: Expression, facts: str, keys: Sequence[str]) -> Expression | None:
        """Lay beside each mark the loose facts it sees, where any are looked at."""
        if facts not in self.not_settled:
            return None
        return seen(marked, self.tables[f"facts_{facts}"], keys, FACTS[facts].own(self.subject))
