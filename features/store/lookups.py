"""Statements that look a few records up: what is derived of them, and what is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeGuard

import ibis

from features.asking import (
    Asked,
    answers,
    answers_together,
    past,
    past_schema,
    question_schema,
    shared_schema,
)
from features.catalog import feature_set
from features.circles import Circle
from features.facts import SUBJECTS
from features.kept import Kept
from features.profiles import Profile
from features.store.compiled import compiled_once
from features.store.questions import askings, bound, listed, put, questions_of
from features.store.statements import compiled, mark

__all__ = ["derive", "live_features", "merge_past", "past_table", "repliers", "sees_loose"]

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


@cache
def repliers(subject: str, *, whole_today: bool) -> tuple[Mapping[int, Asked], ...]:
    """Say whose features each reply to questions holds, by number among all that is looked up.

    Where the days of profiles are whole, those that are asked by the same columns reply together:
    what finds one's questions finds the others'.

    Parameters
    ----------
    whole_today : whether no fact of the days of asking was known later, and what whole days before
        merge to is kept: see :class:`features.kept.Kept`.
    """
    together: dict[object, dict[int, Asked]] = {}
    for number, entry in enumerate(feature_set(subject).looked_up):
        by = entry.asked_by if _joins(entry, whole_today=whole_today) else number
        together.setdefault(by, {})[number] = entry
    return tuple(together.values())


def _joins(asked: Asked, *, whole_today: bool) -> TypeGuard[Profile]:
    return whole_today and isinstance(asked, Profile)


@compiled_once
def live_features(
    subject: str, dialect: str, loose: frozenset[str], *, whole_today: bool = False
) -> list[str]:
    """Select what is remembered for the questions put to it, in the driver's SQL.

    There is a statement for each of the :func:`repliers`, whose rows are a place and the features
    in their order. A server is asked all at once: there a row begins with the number of its reply,
    and ends with nulls, up to the longest.

    Parameters
    ----------
    loose : names of the facts of which loose ones are looked at too.
    whole_today : as :func:`repliers` has it.
    """
    every = repliers(subject, whole_today=whole_today)
    kept = Kept({}, loose, subject, whole_today)
    replies = [_reply(them, dialect, kept) for them in every]
    if dialect == "sqlite":
        return replies
    widths = [sum(len(asked.columns) for asked in them.values()) for them in every]
    rows = []
    for number, (reply, width) in enumerate(zip(replies, widths, strict=True)):
        nulls = ", CAST(NULL AS double precision)" * (max(widths) - width)
        rows.append(f"SELECT {number} AS number, reply.*{nulls} FROM ({reply}) AS reply")
    return [put(" UNION ALL ".join(rows), dialect)]


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
            asked = questions_of(askings(subject)[profile.asked_by], profile.keys)
            query = _over_questions(past(profile, given, tiles), "sqlite", asked)
            place, *parts = past_schema(profile)
            kept = [_past_place(place, number), *parts, *["NULL"] * (width - len(parts))]
            merged.append(f"SELECT {', '.join(kept)} FROM ({query})")
    # As it fails with its transaction, nothing need be kept to take it back by itself.
    return f"INSERT OR FAIL INTO temp.past {' UNION ALL '.join(merged)}"


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


def _reply(them: Mapping[int, Asked], dialect: str, kept: Kept) -> str:
    number, asked = next(iter(them.items()))
    if isinstance(asked, Circle):
        return _reply_of_circle(asked, dialect, kept)
    if _joins(asked, whole_today=kept.whole_today):
        joined = {n: one for n, one in them.items() if isinstance(one, Profile)}
        return _reply_together(joined, dialect, kept)
    schemas, kept_past, day_place = _schemas(them), {}, "day_place"
    if dialect == "sqlite":
        schemas["past"] = past_schema(asked)
        kept_past["past"] = _past(asked)
        day_place = _past_place("day_place", number)
    questions = questions_of(askings(kept.subject)[asked.asked_by], asked.keys, day_place)
    return _answered(asked, questions, dialect, _reading(kept, schemas), kept_past)


def _reply_of_circle(asked: Circle, dialect: str, kept: Kept) -> str:
    """Reply apart to the questions that loose facts tell of: most have none, and take less.

    A server plans worse for the two parts than for the whole.
    """
    schemas = _schemas({0: asked}) | {f"pairs_{asked.pairs.name}": asked.pairs.schema}
    reading = _reading(kept, schemas)
    questions = questions_of(askings(kept.subject)[asked.asked_by], asked.keys)
    if not kept.not_settled or dialect != "sqlite":
        return _answered(asked, questions, dialect, reading)
    told = " OR ".join(_tells_of(facts, keys) for facts, keys in asked.told_by)
    chosen = f"SELECT * FROM ({questions}) AS asked WHERE"
    settled = replace(reading, not_settled=())
    halves = (
        _answered(asked, f"{chosen} NOT ({told})", dialect, settled),
        _answered(asked, f"{chosen} ({told})", dialect, reading),
    )
    return " UNION ALL ".join(f"SELECT * FROM ({half}) AS half" for half in halves)


def _tells_of(facts: str, keys: Sequence[str]) -> str:
    """Ask whether loose facts tell of a question, by its keys; without keys, of any question."""
    same = "".join(f"held.{key} = asked.{key} AND " for key in keys)
    return f"EXISTS (SELECT 1 FROM facts_{facts} AS held WHERE {same}held.until >= asked.known_at)"


def _answered(
    asked: Asked,
    questions: str,
    dialect: str,
    kept: Kept,
    others: Mapping[str, str] | None = None,
) -> str:
    given = ibis.table(question_schema(asked), name="given_questions")
    answered = answers(asked, given, kept).select("place", *asked.columns)
    return _over_questions(answered, dialect, questions, others)


def _reply_together(them: Mapping[int, Profile], dialect: str, kept: Kept) -> str:
    asked = next(iter(them.values()))
    schemas = _schemas(them) | {f"past_{number}": past_schema(one) for number, one in them.items()}
    given = ibis.table(shared_schema(asked), name="given_questions")
    answered = answers_together(them, given, _reading(kept, schemas))
    day_place = _past_place("day_place", 0)
    questions = questions_of(askings(kept.subject)[asked.asked_by], asked.asked_by, day_place)
    kept_past = {f"past_{number}": _past(one) for number, one in them.items()}
    return _over_questions(answered, dialect, questions, kept_past)


def _schemas(them: Mapping[int, Asked]) -> dict[str, Mapping[str, str]]:
    tiled = [kept for asked in them.values() for kept in asked.tiled]
    tiles: dict[str, Mapping[str, str]] = {f"tiles_{k.name}": k.tile_schema() for k in tiled}
    return tiles | {f"facts_{kept.facts}": kept.relation.columns for kept in tiled}


def _reading(kept: Kept, schemas: Mapping[str, Mapping[str, str]]) -> Kept:
    return replace(kept, tables=_tables(schemas))


def _tables(schemas: Mapping[str, Mapping[str, str]]) -> dict[str, Expression]:
    return {name: ibis.table(schema, name=name) for name, schema in schemas.items()}


def _over_questions(
    expression: Expression, dialect: str, questions: str, others: Mapping[str, str] | None = None
) -> str:
    # Questions are read where they lie: their order there spares SQLite sorting by place.
    relations = {"given_questions": questions, **(others or {})}
    return compiled(expression, dialect, relations, hint="NOT MATERIALIZED ", is_marked=True)
