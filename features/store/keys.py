"""Access keys as the store has them, found by their hash: every request asks."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection

from features.store.engine import driven
from features.store.schema import access_keys
from features.store.statements import mark

__all__ = ["find_key"]

_NAMES = tuple(access_keys.columns.keys())


def find_key(connection: Connection, key_hash: str) -> dict[str, Any] | None:
    """Find the row of a key, or None where there is none of that hash."""
    with driven(connection) as cursor:
        cursor.execute(_found(connection.dialect.name), (key_hash,))
        found = cursor.fetchall()
    return dict(zip(_NAMES, found[0], strict=True)) if found else None


@cache
def _found(dialect: str) -> str:
    return f"SELECT {', '.join(_NAMES)} FROM access_keys WHERE key_hash = {mark(dialect)}"
