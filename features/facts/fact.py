"""A relation of facts: what profiles count over, made from records by one expression.

The same expression serves every engine, so a key or a value derived in it (a subheading, a unit
value) means the same everywhere. Instants are microseconds since 1970 UTC, days are whole UTC days
since 1970.

Records come in versions, and a fact is seen at *t* where ``known_at < t <= until``. Most facts are
settled: their ``until`` is missing, they stay for good and can be added up ahead of time. The
others are loose: those of versions that were replaced, and those of groups whose facts were not
all known at once, which would be counted once an instant. They are few, and are looked at one by
one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

__all__ = [
    "DAY_US",
    "FOREVER",
    "INSTANTS",
    "Facts",
    "dated",
    "day_of",
    "filed",
    "held",
    "logarithm",
]

Expression = Any  # ibis publishes no types
DAY_US = 86_400_000_000
# The ``until`` of a loose fact that nothing has replaced.
FOREVER = 1 << 62

# When a fact is seen: columns of every relation.
INSTANTS = {"known_at": "int64", "day": "int64", "until": "int64"}


@dataclass(frozen=True)
class Facts:
    """A relation of facts.

    Parameters
    ----------
    name : str
        Name of the relation and of its table in the store.
    kinds : dict of str to str
        The kinds of record it is made from, each with its field that names the group of facts; a
        new record of any of them can add facts to its group, and to no other, and only where there
        is one of every kind.
    group : str
        Its column that names the group.
    columns : dict of str to str
        Its columns and their types.
    of : callable
        From tables of records by kind, in all their versions, to the relation.
    subject : str, optional
        Whose facts they are: a record of this subject does not see those of its own group.
    """

    name: str
    kinds: dict[str, str]
    group: str
    columns: dict[str, str]
    of: Callable[[Mapping[str, Expression]], Expression]
    subject: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that facts may be looked up by."""
        return tuple(name for name, kind in self.columns.items() if kind == "string")

    def own(self, subject: str) -> str | None:
        """Name the column that says whose facts they are, where a subject has facts of its own."""
        return self.group if self.subject == subject else None


def day_of(instant: Expression) -> Expression:
    """Give the whole UTC day of an instant."""
    return (instant // DAY_US).cast("int64")


def logarithm(value: Expression) -> Expression:
    """Give the natural logarithm, missing where a value is not above zero."""
    return ibis.ifelse(value > 0, value, ibis.null("float64")).ln()


def held(records: Expression) -> Expression:
    """Leave out the versions that withdraw a record."""
    return records.filter(~records.cancelled)


def dated(facts: Expression, group: str) -> Expression:
    """Say until when facts are seen: for good where a group's came at once and replaced the rest.

    ``ends`` is when a fact was replaced, ``is_loose`` marks those known to be loose already; the
    answer has ``until`` besides.
    """
    spans = facts.group_by(group).aggregate(
        first=facts.known_at.min(where=facts.ends.isnull()),
        last=ibis.coalesce(facts.ends, facts.known_at).max(),
    )
    mixed = spans.filter(spans["first"] < spans["last"]).select(mixed_group=spans[group])
    marked = facts.left_join(mixed, facts[group] == mixed.mixed_group)
    is_loose = marked.is_loose | marked.mixed_group.notnull()
    return marked.mutate(
        until=ibis.coalesce(marked.ends, ibis.ifelse(is_loose, FOREVER, ibis.null("int64")))
    )


def filed(versions: Expression, group: str) -> Expression:
    """Say until when facts are seen that are each a version of one record, until it is replaced."""
    return dated(versions.mutate(ends=versions.superseded_at, is_loose=False), group)
