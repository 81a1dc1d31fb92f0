"""Room in SQLite's log, so that a commit overwrites what is there instead of adding to the file.

To make a file longer costs a commit a third more. The log is as long as it gets once it was copied
into the database for the first time, but it is gone whenever nobody has the database open. What is
rolled back leaves its room behind: it was written to the log because it is more than may be held.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from features.store.engine import CHECKPOINT_PAGES, driven, writing

__all__ = ["make_room"]

_HELD_KB = 1_024


def make_room(engine: Engine) -> bool:
    """Have the log at its full length; tell whether it had to be made longer.

    Where it cannot be, as on a full disk, it grows with what is written, as it would have.
    """
    if engine.dialect.name != "sqlite":
        return False
    log = Path(f"{engine.url.database}-wal")
    with suppress(OperationalError), writing(engine).connect() as connection:
        page, held = (_told(connection, name) for name in ("page_size", "cache_size"))
        length = CHECKPOINT_PAGES * page
        if not log.exists() or log.stat().st_size >= length:
            return False
        _told(connection, f"cache_size=-{_HELD_KB}")
        try:
            with connection.begin() as filling:
                _fill(connection, length + 2 * _HELD_KB * 1024)
                filling.rollback()
        finally:
            _told(connection, f"cache_size={held}")
        return True
    return False


def _told(connection: Connection, pragma: str) -> int:
    with driven(connection) as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        told = cursor.fetchone()
    return int(told[0]) if told else 0


def _fill(connection: Connection, length: int) -> None:
    with driven(connection) as cursor:
        cursor.execute("CREATE TABLE room (filled BLOB)")
        cursor.execute("INSERT INTO room VALUES (zeroblob(?))", (length,))
