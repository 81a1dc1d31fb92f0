"""The past: what whole days merge to, kept by a connection of SQLite until those days change.

Keys that many records name, such as an office or a heading, are asked about all day long, and have
the most days to merge. What came before a day changes only where a fact of such a day is added, or
facts are made anew; either has everything forgotten. PostgreSQL, which may be read where nothing
can be written, merges the days with every question.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from features.facts import FACTS
from features.store.lookups import past_table
from features.store.stamps import stamp

__all__ = ["Days", "Past", "outdate"]

Days = dict[tuple[Any, ...], int]

# Places that are kept, each with a row a profile: some four megabytes for a connection.
_MOST = 10_000
# Before anything is kept, nothing that came is of interest.
_NONE_YET = 1 << 62
_REMADE = "facts_remade"


class Past:
    """What a connection knows of whole days, each by the place of the question that first asked.

    Attributes
    ----------
    last : int
        The last place that was given to a question.
    """

    def __init__(self) -> None:
        self.last = 0
        self._days: defaultdict[tuple[str, int], Days] = defaultdict(dict)
        self._latest_day = 0
        self._remade: str | None = None
        self._seen = [_NONE_YET] * len(FACTS)
        # Until agreed, anything may be known at any time.
        self._known_at = _NONE_YET

    @classmethod
    def kept_by(cls, connection: Connection) -> Past:
        """Give a connection's own; where nothing is kept, an empty one."""
        if connection.dialect.name != "sqlite":
            return cls()
        past: Past = connection.info.setdefault("past", cls())
        return past

    def days(self, subject: str, asking: int) -> Days:
        """Give the places of what a subject asks by certain columns, by keys and day."""
        return self._days[subject, asking]

    def agree(self, cursor: DBAPICursor, latest_day: int) -> None:
        """Forget what may no longer hold, before questions up to a day are asked."""
        cursor.execute(_changes(), self._seen)
        ((remade, *facts),) = cursor.fetchall()
        added = min((day for day in facts[1::3] if day is not None), default=self._latest_day)
        if remade != self._remade or _NONE_YET in self._seen:
            self._known_at = _latest(cursor)
        self._known_at = max(self._known_at, *(at for at in facts[2::3] if at is not None), 0)
        if remade != self._remade or added < self._latest_day or self._count() > _MOST:
            self._days.clear()
        self._remade, self._seen = remade, facts[::3]
        if not self._days:
            self._latest_day = latest_day
            cursor.execute(past_table())
            cursor.execute("DELETE FROM temp.past")
        self._latest_day = max(self._latest_day, latest_day)

    def forget_after(self, day: int) -> None:
        """Forget what facts of a day may be in, as some of them have gone."""
        if day < self._latest_day:
            self._days.clear()

    def ends_before(self, instant: int) -> bool:
        """Whether no fact is known at an instant or later, as far as was agreed."""
        return self._known_at < instant

    def __enter__(self) -> Past:
        """Come with a transaction, in a ``with`` statement."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Forget what a transaction did not live to keep."""
        if kind is not None:
            self.forget()

    def forget(self) -> None:
        """Forget all, and what was agreed: it may never have come to be."""
        self._days.clear()
        self._seen = [_NONE_YET] * len(FACTS)

    def _count(self) -> int:
        return sum(map(len, self._days.values()))


def outdate(connection: Connection) -> None:
    """Have every connection forget, as facts are made anew: the store bears a new stamp."""
    stamp(connection, _REMADE)


@cache
def _changes() -> str:
    """Ask what came since rows of each relation of facts: last row, first day, last instant."""
    # By row, or SQLite runs through the index of days until it meets one that came since.
    asked = (
        f"(SELECT COALESCE(MAX(seq), 0) FROM facts_{name}), "
        f"(SELECT MIN(day) FROM facts_{name} NOT INDEXED WHERE seq > ?{place}), "
        f"(SELECT MAX(known_at) FROM facts_{name} NOT INDEXED WHERE seq > ?{place})"
        for place, name in enumerate(FACTS, start=1)
    )
    return f"SELECT (SELECT value FROM properties WHERE name = '{_REMADE}'), {', '.join(asked)}"


def _latest(cursor: DBAPICursor) -> int:
    """Ask for the last instant at which any fact is known."""
    days = (
        f"SELECT MAX(known_at) AS at FROM facts_{name}"
        f" WHERE day = (SELECT MAX(day) FROM facts_{name})"
        for name in FACTS
    )
    cursor.execute(f"SELECT COALESCE(MAX(at), 0) FROM ({' UNION ALL '.join(days)})")
    ((latest,),) = cursor.fetchall()
    return int(latest)
