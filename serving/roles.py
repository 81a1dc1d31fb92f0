"""Who may do what: the roles of the field and the permissions of each.

Invariant: a role has no permission that is not written here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing a key may be used for."""

    SCORE = "score"
    READ_SCORES = "read scores"
    FILE_RECORDS = "file records"
    WRITE_HISTORY = "write history"
    READ_METRICS = "read metrics"


class Role(StrEnum):
    """What the holder of a key is to the agency."""

    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    ANALYST = "analyst"
    PARTNER = "partner"
    AUDITOR = "auditor"

    def may(self, permission: Permission) -> bool:
        """Say whether this role has a permission.

        Examples
        --------
        >>> Role.AUDITOR.may(Permission.READ_SCORES), Role.AUDITOR.may(Permission.FILE_RECORDS)
        (True, False)
        """
        return permission in PERMISSIONS[self]


PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: frozenset(Permission),
        Role.OFFICER: frozenset(
            {Permission.SCORE, Permission.READ_SCORES, Permission.FILE_RECORDS}
        ),
        Role.ANALYST: frozenset(
            {Permission.SCORE, Permission.READ_SCORES, Permission.READ_METRICS}
        ),
        Role.PARTNER: frozenset({Permission.SCORE, Permission.FILE_RECORDS}),
        Role.AUDITOR: frozenset({Permission.READ_SCORES, Permission.READ_METRICS}),
    }
)
