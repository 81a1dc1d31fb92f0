"""Inspections: a control and what it found. They are the labels a model learns from."""

from __future__ import annotations

from typing import Literal

from features.records.fields import (
    Amount,
    Identifier,
    ItemNumber,
    Probability,
    Record,
    Text,
    Timestamp,
    element,
    withdrawal,
)

__all__ = ["Inspection"]

Offence = Literal["weapons", "drugs", "people", "contraband", "fraud", "critical"]


class Inspection(Record):
    """A control of a shipment or a crossing, and its result."""

    inspection_id: Identifier = element("Number of the inspection.", examples=["INS-2026-000123"])
    subject: Literal["shipments", "crossings"] = element("What was inspected.")
    subject_id: Identifier = element(
        "The declaration or crossing inspected.", examples=["26NL000510A1B2C3D4"]
    )
    known_at: Timestamp = element(
        "When the result was known, UTC.", examples=["2026-03-05T14:00:00Z"]
    )
    result: Literal["clear", "offence", "inconclusive"] = element("What the control found.")
    occurred_at: Timestamp | None = element("When the control took place, UTC.", default=None)
    item_number: ItemNumber | None = element(
        "The goods item inspected; absent: the whole shipment.", default=None
    )
    control_type: Literal["physical", "documents", "scan"] | None = element(
        "How it was controlled; a control of documents looked at no goods.", default=None
    )
    offence: Offence | None = element("The offence found.", default=None)
    seized_quantity: Amount | None = element("Quantity seized.", unit="kg or pieces", default=None)
    revenue_recovered: Amount | None = element(
        "Duty and tax recovered.", unit="currency", default=None
    )
    selection_reason: Text | None = element(
        "Why it was selected; `random` for the random share.", default=None
    )
    selection_probability: Probability | None = element(
        "Probability of selection under the policy of the time, in (0, 1].", default=None
    )
    cancelled: bool = withdrawal()
