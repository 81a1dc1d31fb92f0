"""The past: what whole days merge to, kept by a connection of SQLite until those days change.

Keys that many records name, such as an office or a heading, are asked about all day long, and have
the most days to merge. What came before a day changes only where a fact of such a day is added, or
facts are made anew; either has everything forgotten. PostgreSQL, which may be read where nothing
can be written, merges the days with every question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from features.facts import FACTS
from features.store.stamps import stamp
from features.store.statements import past_table

__all__ = ["Days", "Past", "outdate"]

Days = dict[tuple[Any, ...], int]

# Places that are kept, each with a row a profile, a megabyte or two for each connection: keys that
# come again are soon merged again.
_MOST = 2_000
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
        added = min((day for day in facts[1::2] if day is not None), default=self._latest_day)
        if remade != self._remade or added < self._latest_day or self._count() > _MOST:
            self._days.clear()
        self._remade, self._seen = remade, facts[::2]
        if not self._days:
            self._latest_day = latest_day
            cursor.execute(past_table())
            cursor.execute("DELETE FROM temp.past")
        self._latest_day = max(self._latest_day, latest_day)

    @contextmanager
    def within(self) -> Iterator[None]:
        """Forget what a transaction did not live to keep."""
        try:
            yield
        except BaseException:
            self._days.clear()
            raise

    def _count(self) -> int:
        return sum(map(len, self._days.values()))


def outdate(connection: Connection) -> None:
    """Have every connection forget, as facts are made anew: the store bears a new stamp."""
    stamp(connection, _REMADE)


@cache
def _changes() -> str:
    """Ask what has come since rows of each relation of facts: the last, and the earliest day."""
    asked = (
        f"(SELECT COALESCE(MAX(seq), 0) FROM facts_{name}), "
        # By row, or SQLite runs through the index of days until it meets one that came since.
        f"(SELECT MIN(day) FROM facts_{name} NOT INDEXED WHERE seq > ?)"
        for name in FACTS
    )
    return f"SELECT (SELECT value FROM properties WHERE name = '{_REMADE}'), {', '.join(asked)}"
