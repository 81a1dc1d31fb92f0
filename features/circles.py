"""Circles: all that is asked of those an entity dealt with, whom a look-up finds once.

How many they are, and what is known of them, are features of their own over history; for a few
records asked about, finding the others is most of what each costs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from features.kept import Kept
from features.neighbours import Neighbours
from features.pairs import Pairs
from features.profiles import Profile
from features.relations import OfRelation, Relation

__all__ = ["Circle", "circles"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class Circle(OfRelation):
    """A relation, and what is asked of the others in it.

    Parameters
    ----------
    relation : Relation
        Who dealt with whom.
    asked : tuple of Relation or Neighbours
        What is asked: itself, and what is known of the others.
    """

    asked: tuple[Relation | Neighbours, ...]

    @property
    def tiled(self) -> tuple[Profile, ...]:
        """The profiles that days keep for it."""
        return tuple(dict.fromkeys(profile for entry in self.asked for profile in entry.tiled))

    @property
    def pairs(self) -> Pairs:
        """What is kept of the entity and each other, whatever the day."""
        return self.relation.pairs

    @property
    def columns(self) -> dict[str, str]:
        """Feature names with what they measure."""
        return {name: said for entry in self.asked for name, said in entry.columns.items()}

    @property
    def told_by(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Names of the facts that tell of it, with the keys of its that they are found by.

        What is known of the others is not found by the entity.
        """
        known = (entry.known.facts for entry in self.asked if isinstance(entry, Neighbours))
        return ((self.facts, self.keys), *((name, ()) for name in dict.fromkeys(known)))

    @property
    def _window_days(self) -> int:
        known = (entry.known.window_days for entry in self.asked if isinstance(entry, Neighbours))
        return max(*self.relation.windows, *known, 0)

    def looked_up(self, marked: Expression, kept: Kept) -> Expression:
        """Give the features of each mark, with its place: see :mod:`features.asking`."""
        by = ["place"]
        met = self.relation.met(marked, kept, by, self._window_days)
        found = [
            entry.looked_up(marked, met, by)
            if isinstance(entry, Relation)
            else entry.looked_up(marked, met, kept, by)
            for entry in self.asked
        ]
        return reduce(lambda answers, others: answers.inner_join(others, by), found)


def circles(relations: Iterable[Relation | Neighbours]) -> tuple[Circle, ...]:
    """Put what is asked of one relation's others together."""
    asked: dict[tuple[object, ...], list[Relation | Neighbours]] = {}
    for entry in relations:
        relation = _relation(entry)
        asked.setdefault((relation.pairs, relation.asked_by), []).append(entry)
    return tuple(Circle(_relation(entries[0]), tuple(entries)) for entries in asked.values())


def _relation(entry: Relation | Neighbours) -> Relation:
    return entry.relation if isinstance(entry, Neighbours) else entry
