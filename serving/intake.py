"""Take facts in over HTTP: checked, pseudonymised, stored.

Invariant: identifiers of persons, companies and vehicles are pseudonyms before anything is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from features.records import pseudonymise_mappings
from features.store import Store
from serving.answers import RecordsAnswer
from serving.checking import check_records, contradictions, in_order
from serving.metrics import stage
from serving.principal import Principal
from serving.roles import Permission


@dataclass(frozen=True)
class StoreIntake:
    """Takes facts into the store.

    Parameters
    ----------
    store : Store
        Where they go.
    key : bytes
        Key of the pseudonyms.
    """

    store: Store
    key: bytes = field(repr=False)

    def take_in(
        self, kind: str, rows: Sequence[object], received_at: datetime, principal: Principal
    ) -> RecordsAnswer:
        """Store the good records of a kind and return what became of all."""
        writes_history = principal.role.may(Permission.WRITE_HISTORY)
        accepted, errors = check_records(kind, rows, received_at, writes_history=writes_history)
        records = pseudonymise_mappings(accepted.values(), kind, self.key)
        with stage("take_in"):
            taken = self.store.take_in(kind, records, received_at=received_at)
            if accepted and not taken.changed:
                # Who brought them first, to be scored, may not have waited for the disk.
                self.store.flush()
        errors += contradictions(kind, accepted, taken.contradicting)
        return RecordsAnswer(
            accepted=taken.inserted + taken.unchanged + taken.amended,
            unchanged=taken.unchanged,
            amended=taken.amended,
            errors=in_order(errors),
        )
