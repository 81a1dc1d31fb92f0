"""Stamps: properties of the store that say no more than that something happened since."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, text

__all__ = ["stamp"]

_STAMP = text(
    "INSERT INTO properties (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def stamp(connection: Connection, name: str) -> None:
    """Put a stamp under a name that is unlike those before it."""
    connection.execute(_STAMP, {"name": name, "value": secrets.token_hex(8)})
