"""Statements that look a few records up: what is derived of them, and what is remembered."""

from __future__ import annotations

from functools import cache
from typing import Any

import ibis

from features.asking import Asked, answers, past, past_schema, question_schema
from features.catalog import feature_set
from features.circles import Circle
from features.facts import SUBJECTS
from features.kept import Kept
from features.profiles import Profile
from features.store.compiled import compiled_once
from features.store.questions import askings, bound, listed, put, questions_of
from features.store.statements import compiled, mark

__all__ = ["derive", "live_features", "merge_past", "past_table", "sees_loose"]

Expression = Any  # ibis publishes no types
# Above the number of profiles that any subject has.
_MOST_PROFILES = 1_000


@compiled_once
def derive(subject: str, dialect: str, rows: int) -> str:
    """Select what is derived from the records asked about, in their order, in the driver's SQL.

    A record is its place, and the fields that anything is derived from. On SQLite so many of them
    are bound, cell by cell; on PostgreSQL any number, as a JSON array of arrays.
    """
    about = SUBJECTS[subject]
    probe = {"row_number": "int64"} | {name: about.reads[name] for name in about.derived_from}
    given = ibis.table(probe | about.reads, name="given_probe")
    chosen = about.rows(given).order_by("row_number").select(*about.derived)
    if dialect == "sqlite":
        name = f"given_probe({', '.join(probe)})"
        return compiled(chosen, dialect, {name: listed(len(probe), rows)}, hint="MATERIALIZED ")
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
def live_features(
    subject: str, dialect: str, loose: frozenset[str], *, whole_today: bool = False
) -> str:
    """Select what is remembered for the questions put to it, in the driver's SQL.

    A row is the number of who answers, a place, and the features in their order, then nulls up to
    the longest row. ``loose`` names the facts of which loose ones are looked at too; with
    ``whole_today`` no fact of the days of asking was known later: see :class:`features.kept.Kept`.
    """
    every = feature_set(subject).looked_up
    width = max(len(entry.columns) for entry in every)
    answered = [
        _answers(number, entry, dialect, width, subject, loose=loose, whole_today=whole_today)
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
    whole_today: bool,
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
    answered = answers(asked, given, Kept(tables, loose, subject, whole_today))
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
