"""A connection that is kept for whoever takes the next turn, with its pages and statements warm.

To take one from the pool and give it back costs a call as much as several look-ups do. On a server
it could have ended meanwhile, so there each turn takes one from the pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine

from features.sqlite import is_counted
from features.store.engine import HEAP_KB, KEEPS_MOST_PAGES, driven

__all__ = ["Warm"]


class Warm:
    """Where turns have their connections from.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Of the store.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_kept = engine.dialect.name == "sqlite"
        self._idle: list[Connection] = []
        self._changing = Lock()

    def take(self) -> Connection:
        """Give the connection that is kept, or another where it is in use."""
        with self._changing:
            if self._idle:
                return self._idle.pop()
        connection = self._engine.connect()
        if self._is_kept and not is_counted():
            connection.info[KEEPS_MOST_PAGES] = True
            with driven(connection) as cursor:
                cursor.execute(f"PRAGMA cache_size=-{HEAP_KB}")
        return connection

    @contextmanager
    def given_back(self, connection: Connection) -> Iterator[None]:
        """Take a connection back after a block; where that fails, end what is under way on it."""
        try:
            yield
        except BaseException:
            connection.close()
            raise
        with self._changing:
            if self._is_kept and not self._idle and not connection.in_transaction():
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Keep none any longer."""
        while self._idle:
            self._idle.pop().close()
