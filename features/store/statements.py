"""Statements compiled once from the declarations, for the live store's own SQL.

An Ibis expression over named relations becomes SQL; the relations it names are put before it as
common table expressions, which carry the parameters that Ibis would have inlined.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import ibis
import sqlglot
from sqlalchemy import TextClause, text
from sqlglot import exp

from features.facts import FACTS, items
from features.profiles import Profile
from features.records import KINDS

__all__ = [
    "PROBE_COLUMNS",
    "derive",
    "fill_facts",
    "given_records",
    "live_features",
    "merge_tiles",
    "rebuild_tiles",
    "remake_facts",
    "remake_tiles",
]

Expression = Any  # ibis publishes no types
_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres"}
_IBIS = {str: "string", int: "int64", float: "float64", bool: "boolean"}

# What a record asked about carries into SQL: place, instant, and what keys and values come from.
PROBE_COLUMNS = {
    "row_number": "int64",
    "declaration_id": "string",
    "known_at": "int64",
    "importer_id": "string",
    "exporter_id": "string",
    "declarant_id": "string",
    "carrier_id": "string",
    "office_id": "string",
    "hs_code": "string",
    "origin_country": "string",
    "departure_country": "string",
    "customs_value": "float64",
    "net_mass_kg": "float64",
}
_EVERY = "SELECT * FROM {table}"
_FRESH = _EVERY + " WHERE seq > :seq AND batch = :batch"
_TOUCHED = _EVERY + " WHERE {column} IN (SELECT declaration_id FROM touched)"


def _compiled(expression: Expression, dialect: str, relations: Mapping[str, str]) -> str:
    tree = sqlglot.parse_one(
        str(ibis.to_sql(expression, dialect=_DIALECTS[dialect])), read=_DIALECTS[dialect]
    )
    assert isinstance(tree, exp.Query)  # noqa: S101 - Ibis compiles a relation to a query
    own = tree.args.pop("with_", None) or tree.args.pop("with", None)
    main = tree.sql(_DIALECTS[dialect])
    later = [cte.sql(_DIALECTS[dialect]) for cte in own.expressions] if own else []
    before = [f"{name} AS ({query})" for name, query in relations.items()]
    return f"WITH {', '.join(before + later)} {main}"


def given_records(kind: str) -> Expression:
    """Name a kind's records in all their versions, which expressions of facts are made over."""
    types = {name: _IBIS.get(plain, "int64") for name, plain in KINDS[kind].types.items()}
    return ibis.table(types | {"superseded_at": "int64"}, name=f"given_{kind}")


@cache
def fill_facts(name: str, dialect: str, fresh: str | None) -> TextClause:
    """Insert facts of fresh records of one kind, or without ``fresh`` of touched declarations.

    Parameters ``:seq`` and ``:batch`` name the fresh rows, ``:batch`` marks what is written.
    """
    relations = {}
    for kind in FACTS[name].kinds:
        column = "declaration_id" if kind == "declarations" else "subject_id"
        template = _TOUCHED if fresh is None else _FRESH if kind == fresh else _EVERY
        relations[f"given_{kind}"] = template.format(table=kind, column=column)
    return _insert_facts(name, dialect, relations)


@cache
def remake_facts(name: str, dialect: str) -> TextClause:
    """Insert the facts of every record; parameter ``:batch`` marks what is written."""
    relations = {f"given_{kind}": _EVERY.format(table=kind) for kind in FACTS[name].kinds}
    return _insert_facts(name, dialect, relations)


def _insert_facts(name: str, dialect: str, relations: Mapping[str, str]) -> TextClause:
    facts = FACTS[name]
    given = {kind: given_records(kind) for kind in facts.kinds}
    expression = facts.of(given).select(*facts.columns)
    columns = ", ".join(facts.columns)
    query = _compiled(expression, dialect, relations)
    return text(
        f"INSERT INTO facts_{name} (batch, {columns}) "
        f"SELECT :batch, {columns} FROM ({query}) AS facts"
    )


@cache
def merge_tiles(profile: Profile, dialect: str) -> TextClause:
    """Merge a batch's facts into a profile's tiles; parameters ``:seq`` and ``:batch``."""
    source = f"SELECT * FROM facts_{profile.facts} WHERE seq > :seq AND batch = :batch"
    return _upsert(profile, dialect, source)


@cache
def remake_tiles(profile: Profile, dialect: str) -> TextClause:
    """Fill a profile's tiles, which are empty, from every fact."""
    return _upsert(profile, dialect, f"SELECT * FROM facts_{profile.facts}")


@cache
def rebuild_tiles(profile: Profile, dialect: str) -> TextClause:
    """Make the tiles anew whose keys and days stand in ``stale_<profile>``, a temporary table."""
    same = " AND ".join(f"facts.{key} = stale.{key}" for key in (*profile.keys, "day"))
    source = (
        f"SELECT facts.* FROM stale_{profile.name} AS stale "
        f"JOIN facts_{profile.facts} AS facts ON {same}"
    )
    return _upsert(profile, dialect, source)


def _upsert(profile: Profile, dialect: str, source: str) -> TextClause:
    facts = ibis.table(profile.relation.columns, name="given_facts")
    query = _compiled(profile.tiles(profile.instants(facts)), dialect, {"given_facts": source})
    table = f"tiles_{profile.name}"
    columns = ", ".join(profile.tile_schema())
    merged = ", ".join(_merge(table, part.name, part.merge, dialect) for part in profile.components)
    return text(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM ({query}) AS fresh WHERE true "
        f"ON CONFLICT ({', '.join((*profile.keys, 'day'))}) DO UPDATE SET {merged}"
    )


def _merge(table: str, name: str, merge: str, dialect: str) -> str:
    kept, new = f"{table}.{name}", f"excluded.{name}"
    either = f"COALESCE({kept}, {new}), COALESCE({new}, {kept})"
    if merge == "sum":
        return f"{name} = COALESCE({kept} + {new}, {kept}, {new})"
    pick = {"min": "LEAST", "max": "GREATEST"}[merge]
    return f"{name} = {merge.upper() if dialect == 'sqlite' else pick}({either})"


def _probe(dialect: str) -> str:
    """Read the bound parameter ``:probe``, a JSON array of arrays, as a relation."""
    if dialect == "sqlite":
        cells = [f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(PROBE_COLUMNS)]
        return f"SELECT {', '.join(cells)} FROM json_each(:probe)"
    types = {"string": "text", "int64": "bigint", "float64": "double precision"}
    cells = [
        f"CAST(value ->> {i} AS {types[t]}) AS {name}"
        for i, (name, t) in enumerate(PROBE_COLUMNS.items())
    ]
    return f"SELECT {', '.join(cells)} FROM jsonb_array_elements(CAST(:probe AS jsonb))"


def _asked() -> Expression:
    return items(ibis.table(PROBE_COLUMNS, name="given_probe"))


@cache
def derive(dialect: str) -> TextClause:
    """Select what is derived from the records asked about, in their order."""
    asked = _asked()
    expression = asked.select("row_number", "hs", "heading", "log_unit_value").order_by(
        "row_number"
    )
    return text(_compiled(expression, dialect, {"given_probe": _probe(dialect)}))


@cache
def live_features(profile: Profile, dialect: str) -> TextClause:
    """Select a profile's features of the records asked about, in their order."""
    asked = _asked()
    named = asked.filter(*(asked[key].notnull() for key in profile.keys))
    tiles = ibis.table(profile.tile_schema(), name=f"tiles_{profile.name}")
    facts = ibis.table(profile.relation.columns, name=f"facts_{profile.facts}")
    near = named.select(*profile.keys, "day").distinct().inner_join(facts, [*profile.keys, "day"])
    so_far = profile.so_far(profile.instants(near), named)
    whole = profile.whole(tiles, named)
    answers = profile.answers(
        asked.select("row_number", *profile.keys, "known_at", profile.relation.own),
        profile.features(whole, so_far),
        profile.features(whole, so_far, profile.loose(facts, named)),
    )
    expression = answers.select("row_number", *profile.columns).order_by("row_number")
    return text(_compiled(expression, dialect, {"given_probe": _probe(dialect)}))
