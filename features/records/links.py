"""Links: two identifiers that record linkage takes for one party.

Nobody files them: `tidewaiter link` makes them from what is registered of parties, because whoever
could file a link could lay another's offences at anyone's door. Each is kept both ways round, so
that whoever looks one identifier up finds every other of its party.
"""

from __future__ import annotations

from features.records.fields import (
    PersonIdentifier,
    Probability,
    Record,
    Timestamp,
    element,
    withdrawal,
)

__all__ = ["Link"]


class Link(Record):
    """Two identifiers of one party."""

    party_id: PersonIdentifier = element(
        "Identifier of a party, as other records name it.", examples=["NL823344112"]
    )
    linked_party_id: PersonIdentifier = element(
        "Another identifier of the same party.", examples=["NL-8233-44113"]
    )
    probability: Probability = element(
        "Probability that both are one party, when the link was made; of identifiers joined through"
        " others, that of the weakest step of the strongest way between them.",
        examples=[0.98],
    )
    known_at: Timestamp = element(
        "When the link was known, UTC: when it was made; in a register linked for the first time,"
        " when all that it rests on was known.",
        examples=["2026-03-05T02:00:00Z"],
    )
    occurred_at: Timestamp | None = element(
        "From when on the register showed it, UTC.", default=None
    )
    cancelled: bool = withdrawal()
