"""Pairs: when an entity last dealt with each of the others, whatever the days before.

Whether the two met in a window that reaches up to now hangs on the last time alone. So who asks now
reads one row another, not one for every day they met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from features.facts import FACTS

__all__ = ["Pairs"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class Pairs:
    """What is kept of an entity and each other it dealt with.

    Parameters
    ----------
    entity : tuple of str
        Columns of the facts that name the entity.
    other : str
        Column of the facts that names the other.
    facts : str
        The relation of facts in which they met.
    """

    entity: tuple[str, ...]
    other: str
    facts: str

    @property
    def name(self) -> str:
        """Name of the table that keeps them, after ``pairs_``.

        Examples
        --------
        >>> Pairs(("importer_id",), "exporter_id", "items").name
        'importer_exporter_items'
        """
        return "_".join((*(key.removesuffix("_id") for key in self.keys), self.facts))

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells one pair from another, in the order they are looked up by."""
        return (*self.entity, self.other)

    @property
    def schema(self) -> dict[str, str]:
        """Columns with their types."""
        columns = FACTS[self.facts].columns
        return {key: columns[key] for key in self.keys} | {"last_at": "int64"}

    def of(self, facts: Expression) -> Expression:
        """Give the last instant of each pair among settled facts."""
        named = facts.filter(facts.until.isnull(), *(facts[key].notnull() for key in self.keys))
        return named.group_by(*self.keys).aggregate(last_at=named.known_at.max())
