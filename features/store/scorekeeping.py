"""Scores that were answered, and those made in their shadow: written once, found again.

The scores of a record that was filed follow each other as its versions do; the order is made when
they are read, so that writers side by side cannot disagree about it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, select

from features.store.engine import driven
from features.store.questions import bound
from features.store.schema import scores
from features.store.statements import insertion, mark

__all__ = ["Pair", "find_scores", "keep_scores", "read_score", "write_scores"]

Pair = tuple[str, str]
Row = Mapping[str, Any]
_NAMES = tuple(scores.columns.keys())
_LINKED = (*_NAMES, "supersedes", "superseded_by")
# Each score with its neighbours among those of its record, in the order of its versions.
_FOUND = """
WITH wanted AS MATERIALIZED ({wanted}), linked AS (
    SELECT score_id, LAG(score_id) OVER versions AS supersedes,
        LEAD(score_id) OVER versions AS superseded_by
    FROM scores
    WHERE subject = {subject} AND record_id IN (SELECT record_id FROM wanted) AND filed
    WINDOW versions AS (PARTITION BY record_id ORDER BY known_at, scored_at, score_id)
)
SELECT {names}, linked.supersedes, linked.superseded_by
FROM wanted JOIN scores ON scores.subject = {subject}
    AND scores.record_id = wanted.record_id AND scores.content_hash = wanted.content_hash
LEFT JOIN linked ON linked.score_id = scores.score_id
"""


def write_scores(connection: Connection, rows: Sequence[Row], table: Table = scores) -> None:
    """Keep scores; one already kept for the same record and content stays as it is."""
    # In one order everywhere, so that two writers of the same scores cannot block each other.
    ordered = sorted(rows, key=lambda row: (row["subject"], row["record_id"], row["content_hash"]))
    query = insertion(table.name, _NAMES, connection.dialect.name) + " ON CONFLICT DO NOTHING"
    values = [tuple(row[name] for name in _NAMES) for row in ordered]
    if values:
        with driven(connection) as cursor:
            cursor.executemany(query, values)


def keep_scores(connection: Connection, rows: Sequence[Row]) -> dict[Pair, dict[str, Any]]:
    """Keep scores of one subject, and give those that stand: where others were faster, theirs."""
    write_scores(connection, rows)
    pairs = [(row["record_id"], row["content_hash"]) for row in rows]
    return find_scores(connection, rows[0]["subject"], pairs) if rows else {}


def find_scores(
    connection: Connection, subject: str, pairs: Sequence[Pair]
) -> dict[Pair, dict[str, Any]]:
    """Find kept scores by (record_id, content_hash), each with its neighbours' identifiers."""
    asked = (json.dumps(pairs), subject, subject)
    with driven(connection) as cursor:
        cursor.execute(_found(connection.dialect.name), asked)
        rows = [dict(zip(_LINKED, row, strict=True)) for row in cursor.fetchall()]
    return {(row["record_id"], row["content_hash"]): row for row in rows}


def read_score(connection: Connection, score_id: str) -> dict[str, Any] | None:
    """Read a score again, or None where there is none of that identifier."""
    named = select(scores.c.subject, scores.c.record_id, scores.c.content_hash)
    found = connection.execute(named.where(scores.c.score_id == score_id)).one_or_none()
    if found is None:
        return None
    subject, *pair = found
    [row] = find_scores(connection, subject, [(pair[0], pair[1])]).values()
    return row


@cache
def _found(dialect: str) -> str:
    return _FOUND.format(
        wanted=bound({"record_id": "string", "content_hash": "string"}, dialect),
        subject=mark(dialect),
        names=", ".join(f"scores.{name}" for name in _NAMES),
    )
