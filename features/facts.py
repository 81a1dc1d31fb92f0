"""Facts: the relations that profiles count over, made from records by one expression each.

The same expression serves DuckDB over history, the live store, and the record being asked about, so
a key or a value derived here (a subheading, a unit value) means the same everywhere. Instants are
microseconds since 1970 UTC, days are whole UTC days since 1970.

Records come in versions, and a fact is seen at *t* where ``known_at < t <= until``. Most facts are
settled: their ``until`` is missing, they stay for good and can be added up ahead of time. The
others are loose: those of versions that were replaced, and those of declarations whose items were
not all known at once, which would be counted once an instant. They are few, and are looked at one
by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

__all__ = ["DAY_US", "FACTS", "FOREVER", "ITEM_KEYS", "SOURCES", "Facts", "dated", "items"]

Expression = Any  # ibis publishes no types
DAY_US = 86_400_000_000
# The ``until`` of a loose fact that nothing has replaced.
FOREVER = 1 << 62

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
    own : str
        The column that says whose facts they are; a record asked about does not see its own.
    of : callable
        From tables of records by kind, in all their versions, to the relation.
    """

    name: str
    kinds: tuple[str, ...]
    columns: dict[str, str]
    own: str
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
    goods = items(_held(tables["declarations"]))
    facts = goods.mutate(ends=goods.superseded_at, is_loose=False)
    return dated(facts, "declaration_id").select(*_ITEMS)


def _controls(tables: Mapping[str, Expression]) -> Expression:
    """Join inspections to the goods items they looked at, while both versions held."""
    found = _held(tables["inspections"])
    found = found.filter(found.subject == "shipments")
    declared = tables["declarations"]
    inspected = declared.semi_join(found, declared.declaration_id == found.subject_id)
    goods = _items({"declarations": inspected})
    same_item = found.item_number.isnull() | (found.item_number == goods.item_number)
    joined = found.join(
        goods, (found.subject_id == goods.declaration_id) & same_item, rname="goods_{name}"
    )
    known_at = ibis.greatest(joined.known_at, joined.goods_known_at)
    ends = ibis.least(
        ibis.coalesce(joined.superseded_at, FOREVER), ibis.coalesce(joined.until, FOREVER)
    )
    facts = joined.select(
        "inspection_id",
        "declaration_id",
        item_number=joined.goods_item_number,
        known_at=known_at,
        day=(known_at // DAY_US).cast("int64"),
        ends=ends.nullif(FOREVER),
        is_loose=joined.until.notnull(),
        is_offence=joined.result == "offence",
        **{key: joined[key] for key in ITEM_KEYS},
    )
    held = facts.filter(facts.ends.isnull() | (facts.known_at < facts.ends))
    return dated(held, "inspection_id").select(*_CONTROLS)


def _held(records: Expression) -> Expression:
    """Leave out the versions that withdraw a record."""
    return records.filter(~records.cancelled)


def dated(facts: Expression, group: str) -> Expression:
    """Say until when facts are seen: for good where a group's came at once and replaced the rest.

    ``ends`` is when a fact was replaced, ``is_loose`` marks those known to be loose already; the
    answer has ``until`` besides.
    """
    spans = facts.group_by(group).aggregate(
        first=facts.known_at.min(where=facts.ends.isnull()),
        last=ibis.coalesce(facts.ends, facts.known_at).max(),
    )
    mixed = spans.filter(spans["first"] < spans["last"]).select(mixed_group=spans[group])
    marked = facts.left_join(mixed, facts[group] == mixed.mixed_group)
    is_loose = marked.is_loose | marked.mixed_group.notnull()
    return marked.mutate(
        until=ibis.coalesce(marked.ends, ibis.ifelse(is_loose, FOREVER, ibis.null("int64")))
    )


_ITEMS = {
    "declaration_id": "string",
    "item_number": "int64",
    "known_at": "int64",
    "day": "int64",
    "until": "int64",
    **ITEM_KEYS,
    "log_unit_value": "float64",
}
_CONTROLS = {
    "inspection_id": "string",
    "declaration_id": "string",
    "item_number": "int64",
    "known_at": "int64",
    "day": "int64",
    "until": "int64",
    "is_offence": "boolean",
    **ITEM_KEYS,
}

FACTS = {
    facts.name: facts
    for facts in (
        Facts("items", ("declarations",), _ITEMS, "declaration_id", _items),
        Facts("controls", ("declarations", "inspections"), _CONTROLS, "declaration_id", _controls),
    )
}

# The kinds of record that facts are made from.
SOURCES = tuple(dict.fromkeys(kind for facts in FACTS.values() for kind in facts.kinds))
