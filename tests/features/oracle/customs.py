"""Goods items as declared, and inspections of them."""

from __future__ import annotations

from tests.features.oracle.controls import controls, found
from tests.features.oracle.family import (
    Fact,
    Family,
    World,
    by,
    count,
    days_since_first,
    days_since_last,
    distinct,
    greatest,
    least,
    logarithm,
    mean,
    spread,
    versions,
)

_PARTIES = {party: by(f"{party}_id") for party in ("importer", "exporter", "declarant", "carrier")}
_SHIPMENTS = {
    **_PARTIES,
    "office": by("office_id"),
    "hs": by("hs"),
    "origin": by("origin_country"),
    "hs_origin": by("hs", "origin_country"),
    "hs_departure": by("hs", "departure_country"),
    "origin_departure": by("origin_country", "departure_country"),
    "importer_hs": by("importer_id", "hs"),
    "importer_origin": by("importer_id", "origin_country"),
    "importer_exporter": by("importer_id", "exporter_id"),
}
_ENTITIES = {
    "shipments": _SHIPMENTS,
    "crossings": {"load": by("declaration_id"), "carried": by("carrier_id")},
}


def items(world: World) -> list[Fact]:
    return [goods(row) for row in versions(world["declarations"])]


def goods(row: Fact) -> Fact:
    """Say what is derived from a goods item."""
    value, net, gross = row["customs_value"], row["net_mass_kg"], row["gross_mass_kg"]
    return row | {
        "hs": row["hs_code"][:6],
        "heading": row["hs_code"][:4],
        "log_unit_value": logarithm(value / net) if net > 0 else None,
        "log_net_mass": logarithm(net),
        "log_packing": logarithm((gross - net) / net) if net > 0 and gross is not None else None,
    }


def inspected(world: World) -> list[Fact]:
    return controls(world, "shipments", "declaration_id", items(world))


ITEMS = Family(
    items,
    _ENTITIES,
    {
        "declarations": distinct("declaration_id"),
        "items": count(),
        "exporters": distinct("exporter_id"),
        "importers": distinct("importer_id"),
        "subheadings": distinct("hs"),
        "origins": distinct("origin_country"),
        "log_unit_value_min": least("log_unit_value"),
        "log_unit_value_max": greatest("log_unit_value"),
        "log_unit_value_mean": mean("log_unit_value"),
        "log_unit_value_std": spread("log_unit_value"),
        "log_net_mass_mean": mean("log_net_mass"),
        "log_net_mass_std": spread("log_net_mass"),
        "log_packing_mean": mean("log_packing"),
        "log_packing_std": spread("log_packing"),
        "days_since_first": days_since_first,
        "days_since_last": days_since_last,
    },
    group="declaration_id",
    subject="shipments",
)
CONTROLS = Family(
    inspected,
    _ENTITIES,
    found("inspections", usual_share=0.05),
    group="declaration_id",
    subject="shipments",
)
