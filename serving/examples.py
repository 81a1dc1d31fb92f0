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
    "movements": {
        "movement_id": "26NL5A1B2C3D4E5FJ1",
        "event": "departure",
        "occurred_at": "2026-03-02T09:15:00Z",
        "office_id": "NL000510",
        "declaration_id": "26NL000510A1B2C3D4",
        "transport_id": "12-ABC-3",
        "seal_state": "intact",
        "gross_mass_kg": 21400.0,
        "due_at": "2026-03-06T23:59:59Z",
    },
    "crossings": {
        "crossing_id": "X-2026-0004711",
        "post_id": "NLRTM",
        "occurred_at": "2026-03-02T04:40:00Z",
        "direction": "in",
        "vehicle_id": "12-ABC-3",
        "vehicle_class": "lorry",
        "driver_id": "P-NL-4821",
        "occupants": 1,
    },
    "payments": {
        "payment_id": "PAY-2026-008812",
        "occurred_at": "2026-02-20T11:02:00Z",
        "debtor_id": "NL823344112",
        "creditor_id": "CN91310000",
        "amount": 45000.0,
        "currency": "EUR",
        "declaration_id": "26NL000510A1B2C3D4",
    },
    "inspections": {
        "inspection_id": "INS-2026-000123",
        "subject": "shipments",
        "subject_id": "26NL000510A1B2C3D4",
        "known_at": "2026-03-05T14:00:00Z",
        "result": "clear",
        "control_type": "physical",
    },
    "parties": {
        "party_id": "NL823344112",
        "name": "Maas Fruit B.V.",
        "address": "Waalhaven Oostzijde 1, Rotterdam",
        "registration_number": "24123456",
        "country": "NL",
    },
}
