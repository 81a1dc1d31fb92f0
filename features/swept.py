"""The statements of a sweep in DuckDB's SQL, compiled once a process.

Texts become numbers first, so that DuckDB groups, orders and joins integers; things that are
compared with one another share their numbers.
"""

from __future__ import annotations

from functools import cache
from itertools import zip_longest
from typing import Any

import ibis

from features.catalog import feature_set
from features.codes import coded, numbering
from features.facts import FACTS, SUBJECTS, Subject
from features.facts.fact import dated
from features.history import Entity, answers, moments, strays
from features.neighbours import Neighbours
from features.relations import Relation
from features.seen import loose
from features.store.statements import given_records

__all__ = ["asked_rows", "derived", "layout", "met", "sql", "swept"]

Expression = Any  # ibis publishes no types


def sql(expression: Expression) -> str:
    """Write an expression in DuckDB's SQL."""
    return str(ibis.to_sql(expression, dialect="duckdb"))


def asked_rows(subject: Subject) -> Expression:
    """Give the rows asked about with what is derived from them."""
    columns = dict(given_records(subject.kind).schema()) | {"row_number": "int64"}
    return subject.rows(ibis.table(columns, name="given_asked"))


@cache
def derived(subject: str) -> str:
    """Give the query of what is derived from the rows asked about, in their order."""
    derived = SUBJECTS[subject].derived
    return sql(asked_rows(SUBJECTS[subject]).select("row_number", *derived).order_by("row_number"))


@cache
def _sorts(subject: str) -> dict[str, str]:
    """Name the columns that are numbered, each with the sort of thing it names.

    Columns that are compared with one another are of one sort, and share their numbers.
    """
    features, own = feature_set(subject), SUBJECTS[subject].own
    sorts = {own: own, "owner": own}
    pairs = [
        (key, column or key)
        for profile in features.tiled
        for key, column in zip_longest(profile.keys, profile.asked_by)
    ]
    known = (entry for entry in features.relations if isinstance(entry, Neighbours))
    pairs += [(entry.relation.other, entry.known.key) for entry in known]
    for pair in pairs:
        one, other = (sorts.setdefault(name, name) for name in pair)
        sorts |= {name: one for name, sort in sorts.items() if sort == other}
    return sorts


@cache
def _plain(subject: str) -> dict[str, Expression]:
    """Give the rows asked about and the facts, with the keys they are looked up by."""
    about, sorts = SUBJECTS[subject], _sorts(subject)
    asked = asked_rows(about)
    asked = asked.mutate(until=ibis.null("int64"), owner=asked[about.own])
    known = ("row_number", "owner", *about.facts.columns)
    chosen = [*known, *(name for name in sorts if name in asked.columns and name not in known)]
    made = {"asked": asked.select(*chosen)}
    for name in feature_set(subject).counted_over:
        facts = FACTS[name]
        made[f"facts_{name}"] = facts.of({kind: given_records(kind) for kind in facts.kinds})
    return {name: _needed(rows, subject) for name, rows in made.items()}


def _needed(rows: Expression, subject: str) -> Expression:
    """Leave out the keys that nothing is looked up by."""
    spare = set(SUBJECTS[subject].facts.keys) - set(_sorts(subject))
    return rows.drop(*(spare & set(rows.columns)))


@cache
def _coded(subject: str) -> dict[str, Expression]:
    """Give the same with numbers for texts."""
    sorts, made = _sorts(subject), {}
    numbers = {
        sort: ibis.table({"text": "string", "code": "int32"}, name=f"numbers_{sort}")
        for sort in set(sorts.values())
    }
    for name, rows in _plain(subject).items():
        own = {column: numbers[sorts[column]] for column in rows.columns if column in sorts}
        made[name] = coded(rows, own)
    return made


@cache
def _tables(subject: str) -> dict[str, Expression]:
    return {name: ibis.table(rows.schema(), name=name) for name, rows in _coded(subject).items()}


def _numbered(subject: str, is_history: bool) -> dict[str, Expression]:
    """Give the numbers of every sort of thing, from the relations whose things are not others'."""
    plain, sorts, about = _plain(subject), _sorts(subject), SUBJECTS[subject]
    # What is known of a subject's own records names nothing that these do not.
    spare = {f"facts_{name}" for name, facts in FACTS.items() if facts.subject == subject}
    if not is_history:
        spare.discard(f"facts_{about.facts.name}")
    known = [rows for name, rows in plain.items() if name not in spare]
    return {
        f"numbers_{sort}": numbering(
            rows[column] for rows in known for column in rows.columns if sorts.get(column) == sort
        )
        for sort in dict.fromkeys(sorts.values())
    }


@cache
def layout(subject: str, is_history: bool) -> tuple[str, ...]:
    """Give the statements that make the tables, in order."""
    about, tables = SUBJECTS[subject], _tables(subject)
    own = f"facts_{about.facts.name}"
    made = _numbered(subject, is_history) | _coded(subject)
    if is_history:
        rows = tables["asked"]
        made["asked"] = _as_facts(made["asked"], about.own)
        made |= {own: rows, "strays": loose(rows)}
    else:
        made["strays"] = strays(tables["asked"], tables[own], about)
    shared = {own} if is_history else set()
    return tuple(
        f"CREATE TEMP {'VIEW' if name in shared else 'TABLE'} {name} AS {sql(query)}"
        for name, query in made.items()
    )


def _as_facts(asked: Expression, own: str) -> Expression:
    """Say until when rows asked about, all of them in force, are seen as facts."""
    rows = asked.mutate(ends=asked.until, is_loose=False).drop("until")
    return dated(rows, own).select(asked.columns)


def _facts(subject: str) -> dict[str, Expression]:
    return {name: _tables(subject)[f"facts_{name}"] for name in feature_set(subject).counted_over}


@cache
def swept(
    subject: str, entity: Entity, not_settled: frozenset[str], is_whole: bool
) -> tuple[str, str]:
    """Give the query of an entity's moments, and that of its answers from them.

    Parameters
    ----------
    not_settled : those of the entity's facts of which some do not stay.
    is_whole : whether every row asked about is a fact that stays, and every such fact is asked
        about.
    """
    asked, facts = _tables(subject)["asked"], _facts(subject)
    among = SUBJECTS[subject].facts.name
    others = None if is_whole else ibis.table(asked.schema(), name="strays")
    laid = moments(entity, facts, asked, among, others)
    held = ibis.table(laid.schema(), name="moments")
    loose_facts = {name: facts[name] for name in not_settled}
    found = answers(entity, held, asked, ["row_number"], loose_facts, subject)
    return sql(laid), sql(found)


@cache
def met(subject: str, relation: Relation | Neighbours, not_settled: frozenset[str]) -> str:
    """Give the query of whom entities dealt with, or of what is known of these."""
    asked, named = _tables(subject)["asked"], {profile.facts for profile in relation.tiled}
    facts = {name: held for name, held in _facts(subject).items() if name in named}
    return sql(relation.answers(facts, asked, ["row_number"], subject, not_settled & named))
