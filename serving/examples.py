"""One good record of each kind: shown in `/openapi.json`, and asked once before serving."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "declarations": {
        "declaration_id": "26NL000510A1B2C3D4",
        "item_number": 1,
        "occurred_at": "2026-03-02T09:15:00Z",
        "importer_id": "NL823344112",
        "hs_code": "847130",
        "origin_country": "CN",
        "net_mass_kg": 120.5,
        "customs_value": 45000.0,
        "currency": "EUR",
    },
    "inspections": {
        "inspection_id": "INS-2026-000123",
        "subject": "shipments",
        "subject_id": "26NL000510A1B2C3D4",
        "known_at": "2026-03-05T14:00:00Z",
        "result": "clear",
        "control_type": "physical",
    },
}
