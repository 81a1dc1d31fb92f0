"""Facts of customs: goods items as they were declared, and what controls of them found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from features.facts.controls import controls
from features.facts.fact import INSTANTS, Facts, day_of, filed, held, logarithm

__all__ = ["CONTROLS", "ITEMS", "items"]

Expression = Any  # ibis publishes no types

_KEYS = {
    "importer_id": "string",
    "exporter_id": "string",
    "declarant_id": "string",
    "carrier_id": "string",
    "office_id": "string",
    "hs": "string",
    "heading": "string",
    "origin_country": "string",
    "departure_country": "string",
}
_ITEM = {"declaration_id": "string", "item_number": "int64", **INSTANTS, **_KEYS}


def items(declarations: Expression) -> Expression:
    """Derive from declarations what profiles need: one row a goods item.

    ``hs`` is the subheading (6 digits), ``heading`` its first 4; natural logarithms, missing where
    they have none, are ``log_unit_value`` of customs value per net kilogram, ``log_net_mass`` of
    net kilograms, and ``log_packing`` of what gross mass adds to net mass, as a share of this.
    """
    both = (declarations.customs_value > 0) & (declarations.net_mass_kg > 0)
    unit_value = declarations.customs_value / declarations.net_mass_kg.nullif(0)
    packing = declarations.gross_mass_kg - declarations.net_mass_kg
    return declarations.mutate(
        day=day_of(declarations.known_at),
        hs=declarations.hs_code.substr(0, 6),
        heading=declarations.hs_code.substr(0, 4),
        log_unit_value=ibis.ifelse(both, unit_value.nullif(0).ln(), ibis.null("float64")),
        log_net_mass=logarithm(declarations.net_mass_kg),
        log_packing=logarithm(packing / declarations.net_mass_kg.nullif(0)),
    )


def _items(tables: Mapping[str, Expression]) -> Expression:
    goods = items(held(tables["declarations"]))
    return filed(goods, "declaration_id").select(*ITEMS.columns)


def _controls(tables: Mapping[str, Expression]) -> Expression:
    found, declared = tables["inspections"], tables["declarations"]
    inspected = declared.semi_join(found, declared.declaration_id == found.subject_id)
    goods = _items({"declarations": inspected})
    return controls(found, "shipments", goods, "declaration_id").select(*CONTROLS.columns)


ITEMS = Facts(
    "items",
    {"declarations": "declaration_id"},
    "declaration_id",
    {**_ITEM, "log_unit_value": "float64", "log_net_mass": "float64", "log_packing": "float64"},
    _items,
    subject="shipments",
)
CONTROLS = Facts(
    "controls",
    {"declarations": "declaration_id", "inspections": "subject_id"},
    "declaration_id",
    {"inspection_id": "string", **_ITEM, "is_offence": "boolean"},
    _controls,
    subject="shipments",
)
