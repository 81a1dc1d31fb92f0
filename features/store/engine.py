"""Connections to the store's database: SQLite by default, or PostgreSQL through psycopg.

What a caller was told is written is on disk, a reader sees one state of the store, and those who
write records take turns: on SQLite by its own lock, on PostgreSQL by a lock of the transaction.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from features.errors import TidewaiterError
from features.sqlite import is_counted
from features.store.questions import TEMPORARY_TABLE

__all__ = [
    "CHECKPOINT_PAGES",
    "HEAP_KB",
    "KEEPS_MOST_PAGES",
    "at_once",
    "driven",
    "one_state",
    "open_engine",
    "reading",
    "take_turn",
    "to_write",
    "writing",
]

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_WAIT_MS = 30_000
# One writes, as all writers take turns, and one computes; short look-ups, of keys and of scores,
# need few more at a time. Whoever finds none free waits: more would only wait for each other, and
# each holds statements and pages of its own for as long as the process lives.
_CONNECTIONS = 4
# Of all that SQLite holds for a process. Beyond it a connection reads pages into the room of others
# of its own: those that are seldom used stay small, instead of growing for as long as they live.
# Where SQLite does not count, the sum has no limit: one connection may hold most of it, the others
# a little each.
HEAP_KB = 49_152
_LITTLE_KB = 4_096
# More than there are: Python keeps the 128 last used of a connection, and to make the longest anew
# takes as long as a whole call.
_STATEMENTS = 512
# The one given back last is taken next: its pages are the warmest, and idle ones stay small.
_POOL: dict[str, Any] = {
    "pool_size": _CONNECTIONS,
    "max_overflow": 0,
    "pool_use_lifo": True,
    "pool_timeout": _WAIT_MS / 1000,
}
KEEPS_MOST_PAGES = "keeps_most_pages"
# What errors call a statement that they are not given.
_SAID = "a statement given to the driver"
_PACE_S = (0.001, 0.005)
# How SQLite's log is flushed: with each commit, or with the next one that is flushed.
_LASTING, _SOON = "FULL", "NORMAL"
# Pages of the log after which a commit copies them into the database: a record writes some 40,
# many of them the same as the last did, and copies of one page are copied once.
CHECKPOINT_PAGES = 8_000
# The schema is part of the lock's name: stores side by side in one database do not wait.
_TURN = text(
    "SELECT set_config('lock_timeout', :wait, true), "
    "set_config('synchronous_commit', CASE WHEN :is_lasting "
    "THEN current_setting('synchronous_commit') ELSE 'off' END, true), "
    "pg_advisory_xact_lock(hashtextextended('tidewaiter ' || current_schema(), 0))"
)


def open_engine(url: str) -> Engine:
    """Make an engine for a database URL; nothing is connected yet.

    Its errors repeat no values, which would lead names of parties into logs.

    Raises
    ------
    TidewaiterError
        Where the URL names neither SQLite nor PostgreSQL.

    Examples
    --------
    >>> open_engine("postgresql://tidewaiter@db.example/tidewaiter").driver
    'psycopg'
    """
    try:
        parsed = make_url(url)
        driver = _DRIVERS[parsed.get_backend_name()]
    except (ArgumentError, KeyError):
        raise TidewaiterError(
            "expected TIDEWAITER_DATABASE_URL as sqlite:///PATH or postgresql://USER@HOST/DATABASE,"
            f" got {url.partition(':')[0]!r} before the colon"
        ) from None
    parsed = parsed.set(drivername=driver)
    if driver == "sqlite":
        kept = {"cached_statements": _STATEMENTS}
        # What is left to end is ended by _come_back, at a tenth of the cost.
        pool = {**_POOL, "pool_reset_on_return": None}
        engine = create_engine(parsed, hide_parameters=True, connect_args=kept, **pool)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _come_back)
        return engine
    # Each statement of a writer must see what was committed before its turn came.
    return create_engine(
        parsed,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
        **_POOL,
    )


def reading(engine: Engine) -> Engine:
    """Give the engine for transactions that read: all their statements see one state."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def writing(engine: Engine) -> Engine:
    """Give the engine for transactions that will write, and last."""
    return engine.execution_options(writes=True, lasting=True)


def to_write(connection: Connection, *, lasting: bool) -> Connection:
    """Let the next transactions of an open connection be such as will write.

    What is written is on disk once the transaction has ended; where it need not be lasting, once a
    later one that is has ended, as both databases keep one log, in order.
    """
    if connection.get_execution_options().get("lasting") is lasting:
        return connection
    return connection.execution_options(writes=True, lasting=lasting)


def at_once(connection: Connection) -> AbstractContextManager[Any]:
    """Send the statements of a block to a server without waiting for each one's answer."""
    driver = connection.connection.driver_connection
    return driver.pipeline() if isinstance(driver, psycopg.Connection) else nullcontext()


class driven:  # noqa: N801 - a context manager, as those of contextlib, but quicker
    """Give the driver's own cursor, for short statements; what the database fails at is told alike.

    A transaction that has not begun does not begin: on SQLite each statement then is one.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Whose driver.
    said : str
        The statement, as errors tell it, if it is one.
    """

    __slots__ = ("_connection", "_said")

    def __init__(self, connection: Connection, said: str = _SAID) -> None:
        self._connection = connection
        self._said = said

    def __enter__(self) -> DBAPICursor:
        """Open a cursor."""
        try:
            return self._connection.connection.cursor()
        except Exception as error:
            self.__exit__(None, error, None)
            raise

    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tell the driver's error as SQLAlchemy tells its own."""
        if error is None:
            return
        driver = self._connection.dialect.loaded_dbapi
        if driver is not None and isinstance(error, driver.Error):
            told = DBAPIError.instance(self._said, None, error, driver.Error, hide_parameters=True)
            raise told from error


@contextmanager
def one_state(connection: Connection) -> Iterator[None]:
    """Let what a block reads be of one state of the store, and its temporary tables change whole.

    On a server the connection is one for reading: see :func:`reading`.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            yield
        return
    # Beginning and ending by SQLAlchemy takes as long as some of the statements between.
    with driven(connection) as cursor:
        cursor.execute("BEGIN")
        try:
            yield
            cursor.execute("COMMIT")
        except BaseException:
            _end_what_is_left(connection.connection.driver_connection)
            raise


def take_turn(connection: Connection, wait_ms: int = _WAIT_MS) -> None:
    """Wait until no other writer of records is under way; ours ends with the transaction.

    Two transactions that overlapped would miss each other's records: a result and its declaration
    would both be in, and the fact that joins them would not. SQLite's writers exclude each other
    from their beginning; zero waits without end.
    """
    if connection.dialect.name == "postgresql":
        is_lasting = connection.get_execution_options().get("lasting", True)
        connection.execute(_TURN, {"wait": str(wait_ms), "is_lasting": is_lasting})


def _configure_sqlite(connection: Any, _: object) -> None:
    # The driver begins transactions too late for writers that read first; _begin_sqlite does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_WAIT_MS}",
        f"synchronous={_LASTING}",
        f"cache_size=-{HEAP_KB if is_counted() else _LITTLE_KB}",
        f"soft_heap_limit={HEAP_KB * 1024}",
        "temp_store=MEMORY",
        "temp.secure_delete=OFF",  # what is asked is in memory, and overwritten by the next call
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    # Of processes that open a new file at once, SQLite lets one set this and the rest not wait.
    if not _done(connection, "PRAGMA journal_mode=WAL"):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(TEMPORARY_TABLE)
    cursor.close()


def _end_what_is_left(connection: Any) -> None:
    """Leave no transaction under way, as where its end failed."""
    if connection is not None and connection.in_transaction:
        connection.rollback()


def _come_back(connection: Any, entry: ConnectionPoolEntry) -> None:
    """Let a connection come back to the pool as it was."""
    _end_what_is_left(connection)
    if connection is not None and entry.info.pop(KEEPS_MOST_PAGES, False):
        connection.execute(f"PRAGMA cache_size=-{_LITTLE_KB}")


def _begin_sqlite(connection: Connection) -> None:
    driver, options = connection.connection.driver_connection, connection.get_execution_options()
    assert driver is not None  # noqa: S101 - the connection is open
    flush = _LASTING if options.get("lasting", True) else _SOON
    if connection.info.get("flush", _LASTING) != flush:
        driver.execute(f"PRAGMA synchronous={flush}")
        connection.info["flush"] = flush
    if not options.get("writes", False):
        driver.execute("BEGIN")  # it waits for nothing, so nothing can go wrong
        return
    # A writer takes its lock at once: upgrading a read lock later could only fail. SQLite asks for
    # it less and less often, so whoever waited longest would wait on while others came and went;
    # asking at one pace, at random moments, each gets its turn.
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not _done(driver, "BEGIN IMMEDIATE"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails as SQLAlchemy's errors do
    finally:
        driver.execute(f"PRAGMA busy_timeout={_WAIT_MS}")


def _done(driver: Any, statement: str) -> bool:
    until = time.monotonic() + _WAIT_MS / 1000
    while time.monotonic() < until:
        try:
            driver.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(random.uniform(*_PACE_S))  # noqa: S311 - nothing depends on it
        else:
            return True
    return False
