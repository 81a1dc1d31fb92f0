"""Room in SQLite's log, so that a commit overwrites what is there instead of adding to the file.

To make a file longer costs a commit a third more. The log is as long as it gets once it was copied
into the database for the first time, but it is gone whenever nobody has the database open. What is
rolled back leaves its room behind: it was written to the log because it is more than may be held.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from features.store.engine import CHECKPOINT_PAGES
from features.store.schema import properties

__all__ = ["make_room"]

_HELD_KB = 1_024
# As many times its room must be free on the disk.
_SPARE = 4
_MADE = f"INSERT OR REPLACE INTO {properties.name} VALUES ('room_made', '')"


def make_room(engine: Engine) -> bool:
    """Have the log at its full length; tell whether it was made longer.

    Where others write just now, or the disk is nearly full, it grows with what is written.
    """
    if engine.dialect.name != "sqlite":
        return False
    log = Path(f"{engine.url.database}-wal")
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        found = {name: _told(driver, name) for name in ("busy_timeout", "cache_size")}
        try:
            return _made(driver, log)
        except sqlite3.OperationalError:
            driver.rollback()
            with suppress(sqlite3.OperationalError):
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return False
        finally:
            driver.rollback()
            for name, value in found.items():
                driver.execute(f"PRAGMA {name}={value}")


def _made(driver: sqlite3.Connection, log: Path) -> bool:
    driver.execute("PRAGMA busy_timeout=0")
    driver.execute(f"PRAGMA cache_size=-{_HELD_KB}")
    driver.execute("BEGIN IMMEDIATE")
    length = CHECKPOINT_PAGES * _told(driver, "page_size")
    if not log.exists() or log.stat().st_size >= length:
        return False
    if shutil.disk_usage(log.parent).free < _SPARE * length:
        return False
    driver.execute("SAVEPOINT empty")
    driver.execute("CREATE TABLE room (filled BLOB)")
    filled = length + 2 * _HELD_KB * 1024
    driver.execute("INSERT INTO room VALUES (zeroblob(?))", (filled,))
    driver.execute("ROLLBACK TO empty")
    driver.execute(_MADE)  # or the first commit would wait until the disk has all of it
    driver.execute("COMMIT")
    return True


def _told(driver: sqlite3.Connection, pragma: str) -> int:
    return int(driver.execute(f"PRAGMA {pragma}").fetchone()[0])
