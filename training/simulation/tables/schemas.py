"""The columns of each simulated file, as the records of the agency name them.

Invariant: names and order are those of the record kinds in the design.
"""

from typing import Final

import pyarrow as pa

WORD, NUMBER, COUNT = pa.string(), pa.float64(), pa.int64()
INSTANT: Final = pa.timestamp("us", tz="UTC")

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "declarations": pa.schema(
        {
            "declaration_id": WORD, "item_number": COUNT, "occurred_at": INSTANT,
            "known_at": INSTANT, "importer_id": WORD, "hs_code": WORD, "origin_country": WORD,
            "net_mass_kg": NUMBER, "customs_value": NUMBER, "currency": WORD, "office_id": WORD,
            "declarant_id": WORD, "exporter_id": WORD, "carrier_id": WORD,
            "goods_description": WORD, "departure_country": WORD, "destination_country": WORD,
            "transport_mode": WORD, "transport_id": WORD, "container_id": WORD,
            "gross_mass_kg": NUMBER, "duty_rate_pct": NUMBER,
        }
    ),
    "movements": pa.schema(
        {
            "movement_id": WORD, "event": WORD, "occurred_at": INSTANT, "known_at": INSTANT,
            "office_id": WORD, "declaration_id": WORD, "transport_id": WORD, "container_id": WORD,
            "seal_state": WORD, "gross_mass_kg": NUMBER, "due_at": INSTANT,
        }
    ),
    "crossings": pa.schema(
        {
            "crossing_id": WORD, "post_id": WORD, "occurred_at": INSTANT, "known_at": INSTANT,
            "direction": WORD, "vehicle_id": WORD, "vehicle_class": WORD, "driver_id": WORD,
            "driver_nationality": WORD, "occupants": COUNT, "gross_mass_kg": NUMBER,
            "carrier_id": WORD, "declaration_id": WORD,
        }
    ),
    "payments": pa.schema(
        {
            "payment_id": WORD, "occurred_at": INSTANT, "known_at": INSTANT, "debtor_id": WORD,
            "creditor_id": WORD, "amount": NUMBER, "currency": WORD, "debtor_country": WORD,
            "creditor_country": WORD, "method": WORD, "declaration_id": WORD,
        }
    ),
    "inspections": pa.schema(
        {
            "inspection_id": WORD, "subject": WORD, "subject_id": WORD, "known_at": INSTANT,
            "result": WORD, "item_number": COUNT, "control_type": WORD, "offence": WORD,
            "seized_quantity": NUMBER, "revenue_recovered": NUMBER, "selection_reason": WORD,
            "selection_probability": NUMBER,
        }
    ),
    "parties": pa.schema(
        {
            "party_id": WORD, "name": WORD, "occurred_at": INSTANT, "known_at": INSTANT,
            "address": WORD, "registration_number": WORD, "country": WORD,
        }
    ),
    "truth/declarations": pa.schema(
        {
            "declaration_id": WORD, "item_number": COUNT, "offence": WORD, "typology": WORD,
            "organisation_id": WORD, "inspected": pa.bool_(),
        }
    ),
    "truth/crossings": pa.schema(
        {
            "crossing_id": WORD, "offence": WORD, "typology": WORD, "organisation_id": WORD,
            "inspected": pa.bool_(),
        }
    ),
    "truth/payments": pa.schema({"payment_id": WORD, "organisation_id": WORD}),
    "truth/parties": pa.schema({"party_id": WORD, "entity_id": WORD}),
    "truth/organisations": pa.schema(
        {
            "organisation_id": WORD, "typology": WORD, "offence": WORD, "began_at": INSTANT,
            "ended_at": INSTANT,
        }
    ),
    "truth/members": pa.schema({"organisation_id": WORD, "member_id": WORD, "role": WORD}),
}  # fmt: skip
