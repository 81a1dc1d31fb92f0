"""Who asks: the holder of a key, as the gate lets it through.

Invariant: what a role may not do is refused here, with 403, wherever it is asked for.
"""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus

from serving.problems import Problem
from serving.roles import Permission, Role

PRINCIPAL = "tidewaiter.principal"


def hash_key(key: str) -> str:
    """SHA-256 of a key, in hex; enough because keys are random and 256 bits long."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Principal:
    """Who holds the key of a request.

    Parameters
    ----------
    key_id : str
        Names the key in logs; tells nothing of the key itself.
    role : Role
        What the holder may do.
    post : str or None
        The border post or office the key belongs to.
    """

    key_id: str
    role: Role
    post: str | None

    def must(self, permission: Permission) -> None:
        """Raise a 403 problem unless the role has a permission."""
        if not self.role.may(permission):
            detail = f"expected a key that may {permission}, got one of the role {self.role}"
            raise Problem(HTTPStatus.FORBIDDEN, detail)
