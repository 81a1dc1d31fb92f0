"""Keys: who may call the API. Only a key's hash is ever stored.

Invariant: a key is shown once, when it is made; an expired, revoked or unknown key opens nothing.
"""

import hmac
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from features.errors import TidewaiterError
from features.store.keys import find_key
from features.store.schema import access_keys
from features.store.times import instant, micros
from serving.principal import Principal, hash_key
from serving.problems import store_answers, unauthorised
from serving.roles import Role

KEY_PREFIX = "tw_"
_REFUSED = "expected a key that is known, not expired and not revoked; got another"


@dataclass(frozen=True)
class Access:
    """The keys of an installation.

    Parameters
    ----------
    engine : Engine
        Database of the store.
    clock : callable
        Returns the time now, UTC.
    """

    engine: Engine
    clock: Callable[[], datetime]

    def create(self, role: str, post: str | None = None, expires: datetime | None = None) -> str:
        """Make a key and return it; it cannot be shown again.

        Raises
        ------
        TidewaiterError
            Where the role is none of the field's, or the expiry lies in the past.
        """
        now = self.clock()
        if expires is not None and expires <= now:
            raise TidewaiterError(f"expected an expiry after {now.isoformat()}, got {expires}")
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        row = {
            "key_id": uuid.uuid4().hex,
            "key_hash": hash_key(key),
            "role": _role(role).value,
            "post": post,
            "created_at": micros(now),
            "expires_at": None if expires is None else micros(expires),
        }
        with self.engine.begin() as connection:
            connection.execute(insert(access_keys), row)
        return key

    def check(self, key: str) -> Principal:
        """Return who holds a key, or raise a 401 problem."""
        wanted = hash_key(key)
        with store_answers(), self.engine.connect() as connection:
            row = find_key(connection, wanted)
        if row is None or not hmac.compare_digest(row["key_hash"], wanted) or not self._valid(row):
            raise unauthorised(_REFUSED)
        return Principal(row["key_id"], Role(row["role"]), row["post"])

    def every(self) -> list[dict[str, Any]]:
        """Describe every key, the oldest first: id, role, post, and instants in UTC or None."""
        shown = [column for column in access_keys.c if column.name != "key_hash"]
        query = select(*shown).order_by(access_keys.c.created_at, access_keys.c.key_id)
        with self.engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        for row in rows:
            for name in ("created_at", "expires_at", "revoked_at"):
                row[name] = None if row[name] is None else instant(row[name])
        return rows

    def revoke(self, key_id: str) -> None:
        """Close a key from now on."""
        change = update(access_keys).where(
            access_keys.c.key_id == key_id, access_keys.c.revoked_at.is_(None)
        )
        with self.engine.begin() as connection:
            if connection.execute(change.values(revoked_at=micros(self.clock()))).rowcount != 1:
                raise TidewaiterError(f"expected the id of a key in use, got {key_id!r}")

    def _valid(self, row: Mapping[str, Any]) -> bool:
        return row["revoked_at"] is None and (
            row["expires_at"] is None or micros(self.clock()) < row["expires_at"]
        )


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise TidewaiterError(f"expected a role of {', '.join(Role)}; got {name!r}") from None
