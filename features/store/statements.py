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

from features.asking import Asked, answers, past, past_schema, question_schema
from features.catalog import feature_set
from features.circles import Circle
from features.facts import FACTS, SUBJECTS
from features.kept import Kept
from features.profiles import Profile
from features.records import KINDS
from features.store.compiled import compiled_once
from features.store.questions import askings, bound, put, questions_of

__all__ = [
    "EVERY",
    "NEW",
    "compiled",
    "derive",
    "driver_sql",
    "facts_of",
    "fill_facts",
    "given_records",
    "insertion",
    "live_features",
    "mark",
    "merge_past",
    "past_table",
    "possible_facts",
    "remake_facts",
    "sees_loose",
]

Expression = Any  # ibis publishes no types
_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres"}
_IBIS = {str: "string", int: "int64", float: "float64", bool: "boolean"}

EVERY = "SELECT * FROM {table}"
NEW = " WHERE seq > :seq AND batch = :batch"
# Above the number of profiles that any subject has.
_MOST_PROFILES = 1_000
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
    source = "touched" if fresh is None else fresh + NEW
    named = "name" if fresh is None else kinds[fresh]
    for kind in kinds:
        query = _among(name, kind, source, named)
        relations[f"given_{kind}"] = EVERY.format(table=source) if kind == fresh else query
    return _insert_facts(name, dialect, relations)


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


@compiled_once
def derive(subject: str, dialect: str) -> str:
    """Select what is derived from the records asked about, in their order, in the driver's SQL.

    Its one parameter is a JSON array of records, each an array: its place, and the fields that the
    subject reads.
    """
    about = SUBJECTS[subject]
    probe = {"row_number": "int64", **about.reads}
    asked = about.rows(ibis.table(probe, name="given_probe"))
    chosen = asked.order_by("row_number").select(*about.derived)
    return compiled(chosen, dialect, {"given_probe": bound(probe, dialect)}, is_marked=True)


@cache
def sees_loose(names: tuple[str, ...], dialect: str) -> str:
    """Ask of each relation whether facts of it are loose at an instant or later.

    It is the driver's SQL, with one parameter a relation.
    """
    asked = (
        f"EXISTS (SELECT 1 FROM facts_{name} WHERE until >= {mark(dialect)})" for name in names
    )
    return f"SELECT {', '.join(asked)}"


@compiled_once
def live_features(subject: str, dialect: str, loose: frozenset[str]) -> str:
    """Select what is remembered for the questions put to it, in the driver's SQL.

    A row is the number of who answers, a place, and the features in their order, then nulls up to
    the longest row. ``loose`` names the facts of which loose ones are looked at too.
    """
    every = feature_set(subject).looked_up
    width = max(len(entry.columns) for entry in every)
    answered = [
        _answers(number, entry, dialect, width, subject, loose=loose)
        for number, entry in enumerate(every)
    ]
    return put(" UNION ALL ".join(answered), dialect)


@cache
def past_table() -> str:
    """Make the temporary table of what whole days merge to, as wide as any profile needs."""
    parts = ", ".join(f"part_{number}" for number in range(_most_parts()))
    return f"CREATE TEMPORARY TABLE IF NOT EXISTS past (past_place INTEGER PRIMARY KEY, {parts})"


@compiled_once
def merge_past(subject: str) -> str:
    """Keep what whole days merge to for the questions that name places of their own, on SQLite."""
    width = _most_parts()
    merged = []
    for number, profile in enumerate(feature_set(subject).looked_up):
        if isinstance(profile, Profile):
            tiles = ibis.table(profile.tile_schema(), name=f"tiles_{profile.name}")
            given = ibis.table(question_schema(profile), name="given_questions")
            query = _over_questions(past(profile, given, tiles), profile, subject, "sqlite")
            place, *parts = past_schema(profile)
            kept = [_past_place(place, number), *parts, *["NULL"] * (width - len(parts))]
            merged.append(f"SELECT {', '.join(kept)} FROM ({query})")
    return f"INSERT INTO temp.past {' UNION ALL '.join(merged)}"


def _most_parts() -> int:
    every = (entry for subject in SUBJECTS for entry in feature_set(subject).looked_up)
    return max(len(entry.stretches()) for entry in every if isinstance(entry, Profile))


def _past_place(place: str, number: int) -> str:
    """Give the place of a profile in the one table of what whole days merge to."""
    return f"{place} * {_MOST_PROFILES} + {number}"


def _past(profile: Profile) -> str:
    """Read what was kept of whole days by the names that a profile's parts have."""
    place, *parts = past_schema(profile)
    named = ", ".join(f"part_{number} AS {part}" for number, part in enumerate(parts))
    return f"SELECT {place}, {named} FROM temp.past"


@cache
def _answers(  # noqa: PLR0913 - one part of a statement
    number: int,
    asked: Asked,
    dialect: str,
    width: int,
    subject: str,
    *,
    loose: frozenset[str],
) -> str:
    given = ibis.table(question_schema(asked), name="given_questions")
    schemas = {f"tiles_{kept.name}": kept.tile_schema() for kept in asked.tiled}
    schemas |= {f"facts_{kept.facts}": kept.relation.columns for kept in asked.tiled}
    if isinstance(asked, Circle):
        schemas[f"pairs_{asked.pairs.name}"] = asked.pairs.schema
    kept_past = {}
    if dialect == "sqlite" and isinstance(asked, Profile):
        schemas["past"] = past_schema(asked)
        kept_past["past"] = _past(asked)
    tables = {name: ibis.table(schema, name=name) for name, schema in schemas.items()}
    answered = answers(asked, given, Kept(tables, loose, subject))
    values = [answered[name] for name in asked.columns]
    values += [ibis.null("float64")] * (width - len(values))
    padded = answered.select("place", **{f"value_{i}": value for i, value in enumerate(values)})
    day_place = _past_place("day_place", number) if kept_past else "day_place"
    query = _over_questions(padded, asked, subject, dialect, day_place, **kept_past)
    return f"SELECT {number} AS number, * FROM ({query}) AS answers_{number}"


def _over_questions(
    expression: Expression,
    asked: Asked,
    subject: str,
    dialect: str,
    day_place: str = "day_place",
    **others: str,
) -> str:
    # Questions are read where they lie: their order there spares SQLite sorting by place.
    asking = askings(subject)[asked.asked_by]
    relations = {"given_questions": questions_of(asking, asked.keys, day_place)} | others
    return compiled(expression, dialect, relations, hint="NOT MATERIALIZED ", is_marked=True)
