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
    "inspections": pa.schema(
        {
            "inspection_id": WORD, "subject": WORD, "subject_id": WORD, "known_at": INSTANT,
            "result": WORD, "item_number": COUNT, "control_type": WORD, "offence": WORD,
            "seized_quantity": NUMBER, "revenue_recovered": NUMBER, "selection_reason": WORD,
            "selection_probability": NUMBER,
        }
    ),
    "truth/declarations": pa.schema(
        {
            "declaration_id": WORD, "item_number": COUNT, "offence": WORD,
            "organisation_id": WORD, "inspected": pa.bool_(),
        }
    ),
}  # fmt: skip
