"""The key that a store's pseudonyms are made with: another one is refused.

Under another key the same importer would be someone else, and no new record would join its history.
The store keeps a fingerprint of the key, never the key.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Engine, select, text

from features.errors import TidewaiterError
from features.home import Home
from features.store.engine import writing
from features.store.schema import properties

__all__ = ["check_key", "check_key_is_there"]

_NAME = "pseudonym_key"
_NOTE = text("INSERT INTO properties (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING")


def check_key(engine: Engine, home: Home) -> None:
    """Refuse a home whose pseudonym key is not the store's; a new store takes the home's.

    Raises
    ------
    TidewaiterError
        Where the home has another key, or has none and the store has one.
    """
    kept = _kept(engine)
    if kept is None:
        with writing(engine).begin() as connection:
            note = {"name": _NAME, "value": _fingerprint(home.pseudonym_key())}
            connection.execute(_NOTE, note)
        kept = _kept(engine)
    check_key_is_there(home)
    if _fingerprint(home.pseudonym_key()) != kept:
        raise _other_than_the_stores(home, "another")


def check_key_is_there(home: Home) -> None:
    """Refuse a home without a key, where there is a store or is to be one that has its key."""
    if not home.pseudonym_path.exists():
        raise _other_than_the_stores(home, "none")


def _other_than_the_stores(home: Home, found: str) -> TidewaiterError:
    return TidewaiterError(
        f"expected the key of this store's pseudonyms at {home.pseudonym_path}, found {found};"
        " copy the file from the home that the store was filled from"
    )


def _kept(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return connection.scalar(select(properties.c.value).where(properties.c.name == _NAME))


def _fingerprint(key: bytes) -> str:
    return hashlib.blake2b(b"pseudonyms", key=key, digest_size=16).hexdigest()
