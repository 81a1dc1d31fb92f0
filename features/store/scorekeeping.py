"""Scores that were answered, and those made in their shadow: written once, found again.

The scores of a record that was filed follow each other as its versions do; the order is made when
they are read, so that writers side by side cannot disagree about it. Of the features that a score
was made from, the values are its own; their names, which take as much room, are kept once for all
scores of the same features.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select

from features.store.engine import at_once, driven
from features.store.questions import bound
from features.store.schema import scores
from features.store.statements import insertion, mark

__all__ = ["LINKS", "Pair", "Sheet", "find_scores", "keep_scores", "read_score", "write_scores"]

Pair = tuple[str, str]
Row = Mapping[str, Any]
_COLUMNS = tuple(scores.columns.keys())
_PAIR = ("record_id", "content_hash")
LINKS = ("supersedes", "superseded_by")
# Versions of the features that this process meets at one time.
_VERSIONS = 16
# Each score with its neighbours among those of its record, in the order of its versions.
_FOUND = """
WITH wanted AS MATERIALIZED ({wanted}), linked AS (
    SELECT score_id, LAG(score_id) OVER versions AS supersedes,
        LEAD(score_id) OVER versions AS superseded_by
    FROM scores
    WHERE subject = {subject} AND record_id IN (SELECT record_id FROM wanted) AND filed
    WINDOW versions AS (PARTITION BY record_id ORDER BY known_at, scored_at, score_id)
)
SELECT {columns}, linked.supersedes, linked.superseded_by
FROM wanted JOIN scores ON scores.subject = {subject}
    AND scores.record_id = wanted.record_id AND scores.content_hash = wanted.content_hash
LEFT JOIN linked ON linked.score_id = scores.score_id
"""
_NAMES = "(SELECT names FROM feature_names WHERE names_id = scores.names_id) AS names"


@dataclass(frozen=True)
class Sheet:
    """Scores, and how they will be written: their features' names, and a cell a column."""

    rows: Sequence[Row]
    names: list[tuple[str, str]]
    cells: list[tuple[Any, ...]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Sheet:
        """Lay scores out.

        Parameters
        ----------
        rows : sequence of mappings
            The columns of the table but ``names_id``; ``features`` are name to value.
        """
        # In one order everywhere, so that two writers of the same scores cannot block each other.
        ordered = sorted(rows, key=lambda one: (one["subject"], *(one[name] for name in _PAIR)))
        named = [_named(tuple(row["features"])) for row in ordered]
        cells = [_written(row, names_id) for row, (names_id, _) in zip(ordered, named, strict=True)]
        return cls(rows, sorted({*named}), cells)


def write_scores(connection: Connection, sheet: Sheet, table: Table = scores) -> int:
    """Keep scores; one already kept for the same record and content stays as it is.

    Returns how many were not.
    """
    if not sheet.cells:
        return 0
    dialect, anyway = connection.dialect.name, " ON CONFLICT DO NOTHING"
    names = insertion("feature_names", ("names_id", "names"), dialect) + anyway
    with driven(connection) as naming, driven(connection) as cursor, at_once(connection):
        naming.executemany(names, sheet.names)
        cursor.executemany(insertion(table.name, _COLUMNS, dialect) + anyway, sheet.cells)
    return int(cursor.rowcount)


def keep_scores(
    connection: Connection, sheet: Sheet, *, first: bool = False
) -> dict[Pair, dict[str, Any]]:
    """Keep scores of one subject, and give those that stand: where others were faster, theirs.

    Those of records that were filed a moment ago, the ``first`` of theirs, follow no other, and
    what follows them already is found when they are read again.
    """
    rows = sheet.rows
    if not rows:
        return {}
    written = write_scores(connection, sheet)
    if first and written == len(rows):
        alone = dict.fromkeys(LINKS)
        return {(row["record_id"], row["content_hash"]): {**row, **alone} for row in rows}
    subject, ours = rows[0]["subject"], {row["score_id"]: row for row in rows}
    pairs = [(row["record_id"], row["content_hash"]) for row in rows]
    standing = _found(connection, subject, pairs, (*_PAIR, "score_id"))
    theirs = [pair for pair, row in standing.items() if row["score_id"] not in ours]
    kept = {
        pair: {**ours[row["score_id"]], **row}
        for pair, row in standing.items()
        if row["score_id"] in ours
    }
    return kept | (find_scores(connection, subject, theirs) if theirs else {})


def find_scores(
    connection: Connection, subject: str, pairs: Sequence[Pair]
) -> dict[Pair, dict[str, Any]]:
    """Find kept scores by (record_id, content_hash), each with its neighbours' identifiers."""
    rows = _found(connection, subject, pairs, (*_COLUMNS, "names"))
    for row in rows.values():
        row["features"] = _features(row.pop("names"), row["features"])
    return rows


def read_score(connection: Connection, score_id: str) -> dict[str, Any] | None:
    """Read a score again, or None where there is none of that identifier."""
    named = select(scores.c.subject, scores.c.record_id, scores.c.content_hash)
    found = connection.execute(named.where(scores.c.score_id == score_id)).one_or_none()
    if found is None:
        return None
    subject, *pair = found
    [row] = find_scores(connection, subject, [(pair[0], pair[1])]).values()
    return row


@lru_cache(_VERSIONS)
def _named(names: tuple[str, ...]) -> tuple[str, str]:
    """Give what stands for names of features in a score's row, and what it stands for."""
    written = json.dumps(names)
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest(), written


def _written(row: Row, names_id: str) -> tuple[Any, ...]:
    values = orjson.dumps([*row["features"].values()]).decode()
    made = {"names_id": names_id, "features": values}
    return tuple([made[name] if name in made else row[name] for name in _COLUMNS])


def _features(names: str | None, written: str) -> dict[str, Any]:
    """Read the features of a row; before version 5 of the schema, their names stood with them."""
    features = orjson.loads(written)
    return features if names is None else dict(zip(_names(names), features, strict=True))


@lru_cache(_VERSIONS)
def _names(written: str) -> tuple[str, ...]:
    return tuple(json.loads(written))


def _found(
    connection: Connection, subject: str, pairs: Sequence[Pair], columns: tuple[str, ...]
) -> dict[Pair, dict[str, Any]]:
    asked = (json.dumps(pairs), subject, subject)
    with driven(connection) as cursor:
        cursor.execute(_statement(columns, connection.dialect.name), asked)
        rows = [dict(zip((*columns, *LINKS), row, strict=True)) for row in cursor.fetchall()]
    return {(row["record_id"], row["content_hash"]): row for row in rows}


@cache
def _statement(columns: tuple[str, ...], dialect: str) -> str:
    chosen = [_NAMES if name == "names" else f"scores.{name}" for name in columns]
    return _FOUND.format(
        wanted=bound(dict.fromkeys(_PAIR, "string"), dialect),
        subject=mark(dialect),
        columns=", ".join(chosen),
    )
