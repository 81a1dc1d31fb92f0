"""Facts: the relations that profiles count over, made from records by one expression each.

The same expression serves DuckDB over history, the live store, and the record being asked about, so
a key or a value derived here (a subheading, a unit value) means the same everywhere. Instants are
microseconds since 1970 UTC, days are whole UTC days since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

__all__ = ["DAY_US", "FACTS", "ITEM_KEYS", "Facts", "items"]

Expression = Any  # ibis publishes no types
DAY_US = 86_400_000_000

# Columns that a fact about goods can be looked up by.
ITEM_KEYS = {
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


@dataclass(frozen=True)
class Facts:
    """A relation of facts.

    Parameters
    ----------
    name : str
        Name of the relation and of its table in the store.
    kinds : tuple of str
        The kinds of record it is made from; a new record of any of them can add facts.
    columns : dict of str to str
        Its columns and their types.
    of : callable
        From tables of records by kind to the relation.
    """

    name: str
    kinds: tuple[str, ...]
    columns: dict[str, str]
    of: Callable[[Mapping[str, Expression]], Expression]


def items(declarations: Expression) -> Expression:
    """Derive from declarations what profiles need: one row a goods item.

    ``hs`` is the subheading (6 digits), ``heading`` its first 4; ``log_unit_value`` is the natural
    logarithm of customs value per net kilogram, missing where either is zero.
    """
    both = (declarations.customs_value > 0) & (declarations.net_mass_kg > 0)
    unit_value = declarations.customs_value / declarations.net_mass_kg.nullif(0)
    return declarations.mutate(
        day=(declarations.known_at // DAY_US).cast("int64"),
        hs=declarations.hs_code.substr(0, 6),
        heading=declarations.hs_code.substr(0, 4),
        log_unit_value=ibis.ifelse(both, unit_value.nullif(0).ln(), ibis.null("float64")),
    )


def _items(tables: Mapping[str, Expression]) -> Expression:
    return items(tables["declarations"]).select(*_ITEMS)


def _controls(tables: Mapping[str, Expression]) -> Expression:
    """Join inspections to the goods items they looked at; known when both were."""
    goods = items(tables["declarations"])
    found = tables["inspections"].filter(tables["inspections"].subject == "shipments")
    same_item = found.item_number.isnull() | (found.item_number == goods.item_number)
    joined = found.join(
        goods, (found.subject_id == goods.declaration_id) & same_item, rname="goods_{name}"
    )
    known_at = ibis.greatest(joined.known_at, joined.goods_known_at)
    return joined.select(
        "inspection_id",
        "declaration_id",
        item_number=joined.goods_item_number,
        known_at=known_at,
        day=(known_at // DAY_US).cast("int64"),
        is_offence=joined.result == "offence",
        **{key: joined[key] for key in ITEM_KEYS},
    )


_ITEMS = {
    "declaration_id": "string",
    "item_number": "int64",
    "known_at": "int64",
    "day": "int64",
    **ITEM_KEYS,
    "log_unit_value": "float64",
}
_CONTROLS = {
    "inspection_id": "string",
    "declaration_id": "string",
    "item_number": "int64",
    "known_at": "int64",
    "day": "int64",
    "is_offence": "boolean",
    **ITEM_KEYS,
}

FACTS = {
    facts.name: facts
    for facts in (
        Facts("items", ("declarations",), _ITEMS, _items),
        Facts("controls", ("declarations", "inspections"), _CONTROLS, _controls),
    )
}
