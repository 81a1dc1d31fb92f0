"""Statements compiled once from the declarations, for the live store's own SQL.

An Ibis expression over named relations becomes SQL; the relations it names are put before it as
common table expressions, which carry the parameters that Ibis would have inlined.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import ibis
import sqlglot
from sqlalchemy import TextClause, text
from sqlglot import exp

from features.facts import FACTS
from features.records import KINDS

__all__ = [
    "EVERY",
    "NEW",
    "compiled",
    "driver_sql",
    "facts_of",
    "fill_facts",
    "given_records",
    "insertion",
    "mark",
    "possible_facts",
    "remake_facts",
    "touched",
]

Expression = Any  # ibis publishes no types
_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres"}
_IBIS = {str: "string", int: "int64", float: "float64", bool: "boolean"}

EVERY = "SELECT * FROM {table}"
NEW = " WHERE seq > :seq AND batch = :batch"
_AMONG = EVERY + " WHERE {column} IN (SELECT {named} FROM {source})"


def compiled(
    expression: Expression,
    dialect: str,
    relations: Mapping[str, str],
    hint: str = "",
    *,
    is_marked: bool = False,
) -> str:
    """Compile an expression, the relations it names before it.

    Parameters
    ----------
    is_marked : whether the driver will find marks of its parameters in the statement, so that a
        percent sign of the expression itself must not look like one.
    """
    tree = sqlglot.parse_one(
        str(ibis.to_sql(expression, dialect=_DIALECTS[dialect])), read=_DIALECTS[dialect]
    )
    assert isinstance(tree, exp.Query)  # noqa: S101 - Ibis compiles a relation to a query
    own = tree.args.pop("with_", None) or tree.args.pop("with", None)
    parts = [*(own.expressions if own else []), tree]
    if dialect == "sqlite" and is_marked:
        # Read again, what is not aggregated comes in the order of the questions each time.
        for part in parts[:-1]:
            if not part.this.args.get("group"):
                part.set("materialized", False)
    *later, main = (part.sql(_DIALECTS[dialect]) for part in parts)
    if is_marked and dialect == "postgresql":
        *later, main = (part.replace("%", "%%") for part in (*later, main))
    before = [f"{name} AS {hint}({query})" for name, query in relations.items()]
    return f"WITH {', '.join(before + later)} {main}"


def given_records(kind: str) -> Expression:
    """Name a kind's records in all their versions, which expressions of facts are made over."""
    types = {name: _IBIS.get(plain, "int64") for name, plain in KINDS[kind].types.items()}
    return ibis.table(types | {"superseded_at": "int64"}, name=f"given_{kind}")


@cache
def driver_sql(statement: str, dialect: str) -> str:
    """Write a statement's named parameters as the driver has them.

    Examples
    --------
    >>> driver_sql("SELECT :seq", "postgresql")
    'SELECT %(seq)s'
    """
    if dialect == "sqlite":
        return statement
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", statement.replace("%", "%%"))


def mark(dialect: str) -> str:
    """Give what stands for a parameter in the driver's SQL."""
    return {"sqlite": "?", "postgresql": "%s"}[dialect]


@cache
def insertion(table: str, columns: tuple[str, ...], dialect: str) -> str:
    """Insert a row, in the driver's SQL."""
    places = ", ".join([mark(dialect)] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


@cache
def facts_of(kind: str) -> tuple[str, ...]:
    """Name the facts that are made from a kind of record."""
    return tuple(name for name, facts in FACTS.items() if kind in facts.kinds)


@cache
def possible_facts(kind: str, dialect: str) -> str:
    """Ask, for each of the facts made from a kind, whether fresh records may add any.

    Facts of several kinds need a record of each. In the driver's SQL, with the parameters ``:seq``
    and ``:batch`` that name the fresh rows.
    """
    asked = []
    for name in facts_of(kind):
        others = [
            f"EXISTS ({_among(name, other, kind + NEW, FACTS[name].kinds[kind])})"
            for other in FACTS[name].kinds
            if other != kind
        ]
        asked.append(" AND ".join(others) or "1 = 1")
    return driver_sql(f"SELECT {', '.join(asked)}", dialect)


def _among(name: str, kind: str, source: str, named: str) -> str:
    """Select the records of a kind that belong to the groups a source names."""
    column = FACTS[name].kinds[kind]
    return _AMONG.format(table=kind, column=column, named=named, source=source)


@cache
def fill_facts(name: str, dialect: str, fresh: str | None) -> TextClause:
    """Insert facts of fresh records of one kind, or without ``fresh`` of touched groups.

    Parameters ``:seq`` and ``:batch`` name the fresh rows, ``:batch`` marks what is written.
    """
    kinds, relations = FACTS[name].kinds, {}
    source = touched(name) if fresh is None else fresh + NEW
    named = "name" if fresh is None else kinds[fresh]
    for kind in kinds:
        query = _among(name, kind, source, named)
        relations[f"given_{kind}"] = EVERY.format(table=source) if kind == fresh else query
    return _insert_facts(name, dialect, relations)


def touched(facts: str) -> str:
    """Read the touched groups of a relation of facts: see :mod:`features.store.amending`."""
    return f"touched WHERE facts = '{facts}'"


@cache
def remake_facts(name: str, dialect: str) -> TextClause:
    """Insert the facts of every record; parameter ``:batch`` marks what is written."""
    relations = {f"given_{kind}": EVERY.format(table=kind) for kind in FACTS[name].kinds}
    return _insert_facts(name, dialect, relations)


def _insert_facts(name: str, dialect: str, relations: Mapping[str, str]) -> TextClause:
    facts = FACTS[name]
    given = {kind: given_records(kind) for kind in facts.kinds}
    expression = facts.of(given).select(*facts.columns)
    columns = ", ".join(facts.columns)
    query = compiled(expression, dialect, relations)
    return text(
        f"INSERT INTO facts_{name} (batch, {columns}) "
        f"SELECT :batch, {columns} FROM ({query}) AS facts"
    )
