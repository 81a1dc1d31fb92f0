"""Where the live store reads what it is asked: one relation of questions to every profile.

What is asked by the same columns of a record is asked once, however many profiles answer it.

On SQLite it is a temporary table of the connection, in the order of its key, so that answers are
summed as they are found instead of being sorted first. On PostgreSQL it is a bound parameter, which
a server that only reads serves too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from features.catalog import feature_set

__all__ = [
    "MOST_KEYS",
    "TEMPORARY_TABLE",
    "TURNS",
    "Rows",
    "askings",
    "bound",
    "bound_texts",
    "in_turns",
    "listed",
    "pose",
    "put",
    "questions_of",
]

Rows = Sequence[tuple[Any, ...]]
MOST_KEYS = 2
_KEYS = [f"key_{number}" for number in range(MOST_KEYS)]
_COLUMNS = {
    "asking": "int64",
    "place": "int64",
    "day_place": "int64",
    **dict.fromkeys(_KEYS, "string"),
    "day": "int64",
    "known_at": "int64",
    "owner": "string",
}
TEMPORARY_TABLE = (
    f"CREATE TEMPORARY TABLE questions ({', '.join(_COLUMNS)}, PRIMARY KEY (asking, place))"
    " WITHOUT ROWID"
)
# Rows of one statement: half the time of a statement each.
_AT_ONCE = 32
TURNS = (1, _AT_ONCE)


def bound(columns: Mapping[str, str], dialect: str) -> str:
    """Read a bound parameter, a JSON array of arrays, as a relation."""
    if dialect == "sqlite":
        cells = [f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(columns)]
        return f"SELECT {', '.join(cells)} FROM json_each(?)"
    types = {"string": "text", "int64": "bigint", "float64": "double precision"}
    cells = [
        f"CAST(value ->> {i} AS {types[t]}) AS {name}"
        for i, (name, t) in enumerate(columns.items())
    ]
    return f"SELECT {', '.join(cells)} FROM jsonb_array_elements(CAST(%s AS jsonb))"


def bound_texts(dialect: str) -> str:
    """Read a bound parameter, a JSON array of texts, as a relation."""
    if dialect == "sqlite":
        return "SELECT value FROM json_each(?)"
    return "SELECT jsonb_array_elements_text(CAST(%s AS jsonb))"


def in_turns(rows: Rows) -> Iterator[tuple[int, list[Any]]]:
    """Give rows in parts of few sizes, each its size and its cells, for :func:`listed`."""
    parts, rest = _parted(rows)
    for part in parts:
        yield _AT_ONCE, [*chain(*part)]
    for row in rest:
        yield 1, [*row]


def _parted(rows: Rows) -> tuple[list[Rows], Rows]:
    most = len(rows) - len(rows) % _AT_ONCE
    return [rows[start : start + _AT_ONCE] for start in range(0, most, _AT_ONCE)], rows[most:]


@cache
def listed(width: int, rows: int) -> str:
    """List rows in a statement of SQLite's, each cell a bound parameter."""
    row = f"({', '.join('?' * width)})"
    return f"VALUES {', '.join([row] * rows)}"


@cache
def askings(subject: str) -> dict[tuple[str, ...], int]:
    """Give the columns that records of a subject are asked about by, each with its number."""
    asked_by = dict.fromkeys(entry.asked_by for entry in feature_set(subject).looked_up)
    return {columns: number for number, columns in enumerate(asked_by)}


def questions_of(asking: int, keys: tuple[str, ...], day_place: str = "day_place") -> str:
    """Select the questions of a number, as :mod:`features.asking` has them."""
    named = ", ".join(f"{key} AS {name}" for key, name in zip(_KEYS, keys, strict=False))
    chosen = f"place, {day_place} AS day_place, {named}, day, known_at, owner"
    return f"SELECT {chosen} FROM questions WHERE asking = {asking}"


def put(statement: str, dialect: str) -> str:
    """Put the relation of questions, on PostgreSQL, before a statement that reads it."""
    if dialect == "sqlite":
        return statement
    return f"WITH questions AS MATERIALIZED ({bound(_COLUMNS, dialect)}) {statement}"


def pose(cursor: DBAPICursor, questions: Rows) -> None:
    """Write questions into SQLite's temporary table, in place of those before."""
    cursor.execute("DELETE FROM temp.questions")
    parts, rest = _parted(questions)
    for part in parts:
        cursor.execute(_insert(_AT_ONCE), [*chain(*part)])
    if rest:
        cursor.executemany(_insert(1), rest)


def _insert(rows: int) -> str:
    # Where it fails, so does the transaction: nothing is kept to take it back by itself.
    return f"INSERT OR FAIL INTO temp.questions {listed(len(_COLUMNS), rows)}"
