"""Payments by either side, and by the parties of the goods paid for."""

from __future__ import annotations

from tests.features.oracle.declared import of_declarations
from tests.features.oracle.family import (
    Fact,
    Family,
    Keys,
    World,
    by,
    count,
    distinct,
    logarithm,
    mean,
    spread,
    total,
    versions,
)


def transfers(world: World) -> list[Fact]:
    """Give either side of every payment."""
    paid = versions(world["payments"])
    return [side for row in paid for side in (_paid_by(row), _paid_to(row))]


def _paid_by(row: Fact) -> Fact:
    """Give the side of who pays."""
    sides = {"party_id": row["debtor_id"], "other_id": row["creditor_id"]}
    amounts = {"paid": row["amount"], "received": None}
    return row | _both(row) | sides | amounts | {"is_payer": True, "is_payee": False}


def _paid_to(row: Fact) -> Fact:
    """Give the side of who is paid."""
    sides = {"party_id": row["creditor_id"], "other_id": row["debtor_id"]}
    amounts = {"paid": None, "received": row["amount"]}
    return row | _both(row) | sides | amounts | {"is_payer": False, "is_payee": True}


def _both(row: Fact) -> Fact:
    return {
        "is_cash": row["method"] == "cash",
        "is_near_threshold": 9_000 <= row["amount"] < 10_000,
    }


def settlements(world: World) -> list[Fact]:
    """Give every payment that names a declaration."""
    return [
        row
        | {
            "is_third_party": row["debtor_id"] != row["importer_id"],
            "is_other_seller": row["exporter_id"] not in {None, row["creditor_id"]},
            "log_paid_ratio": _ratio(row),
        }
        for row in of_declarations(versions(world["payments"]), world)
    ]


def _ratio(row: Fact) -> float | None:
    """Compare what was paid with what was declared, in one currency only."""
    if row["currency"] != row["declared_currency"] or not row["declared_value"]:
        return None
    return logarithm(row["amount"] / row["declared_value"])


def _party(column: str) -> Keys:
    return {"party_id": column}


TRANSFERS = Family(
    transfers,
    {
        "shipments": {
            "importer": _party("importer_id"),
            "exporter": _party("exporter_id"),
            "shipment": by("declaration_id"),
            "shipment_importer": by("declaration_id") | _party("importer_id"),
            "shipment_currency": by("declaration_id", "currency"),
        },
        "crossings": {"driver": _party("driver_id"), "carrier": _party("carrier_id")},
    },
    {
        "payments": count("is_payer"),
        "payments_made": count("is_payer"),
        "payments_received": count("is_payee"),
        "cash_payments": count("is_cash"),
        "near_threshold": count("is_near_threshold"),
        "payment_partners": distinct("other_id"),
        "paid": total("paid"),
        "received": total("received"),
    },
)
SETTLEMENTS = Family(
    settlements,
    {"shipments": {party: by(f"{party}_id") for party in ("importer", "exporter")}},
    {
        "settlements": count(),
        "third_party_payments": count("is_third_party"),
        "other_sellers_paid": count("is_other_seller"),
        "log_paid_ratio_mean": mean("log_paid_ratio"),
        "log_paid_ratio_spread": spread("log_paid_ratio"),
    },
)
