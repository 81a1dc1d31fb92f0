"""The share of records that the challenger answers: TIDEWAITER_CANARY_SHARE, from 0 to 1.

A record falls to the challenger by a keyed hash of its identity. So the same record, amended or
not, falls to it in every worker and after every restart, nobody can choose an identity that does,
and a larger share keeps the records of a smaller one.
"""

import os
from dataclasses import dataclass, field
from hashlib import blake2b

from features.errors import TidewaiterError
from models.ranking import keyed_hash

__all__ = ["SHARE", "Canary", "share_named"]

SHARE = "TIDEWAITER_CANARY_SHARE"
_HASHES = 2**64


@dataclass(frozen=True)
class Canary:
    """Who answers a record, while there is a challenger.

    Parameters
    ----------
    share : float
        Share of records that the challenger answers, from 0 to 1.
    key : bytes
        Key of the hash.
    """

    share: float = 0.0
    key: bytes = field(default=b"", repr=False)

    @classmethod
    def from_environment(cls, secret: bytes) -> "Canary":
        """Take the share that the environment names: see :func:`share_named`.

        Examples
        --------
        >>> Canary.from_environment(b"of the home").share
        0.0
        """
        return cls(share_named(), blake2b(secret, person=b"canary").digest())

    def takes(self, record_id: str) -> bool:
        """Whether the challenger answers a record.

        Examples
        --------
        >>> half = Canary(0.5, b"key")
        >>> sum(half.takes(f"D{number}") for number in range(1000))
        488
        """
        return keyed_hash(record_id, self.key) < self.share * _HASHES


def share_named() -> float:
    """Read the share that the environment names, 0 by default.

    Raises
    ------
    TidewaiterError
        Where it is no number from 0 to 1.
    """
    given = os.environ.get(SHARE) or "0"
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise TidewaiterError(f"expected {SHARE} as a number from 0 to 1, got {given!r}")
    return share
