"""Scores that were answered, and those made in their shadow: written once, found again.

The scores of a record that was filed follow each other as its versions do; the order is made when
they are read, so that writers side by side cannot disagree about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    Table,
    bindparam,
    func,
    select,
    text,
    tuple_,
)

from features.store.schema import scores

__all__ = ["are_kept", "find_scores", "read_score", "write_scores"]

Pair = tuple[str, str]


def write_scores(
    connection: Connection, rows: Iterable[Mapping[str, Any]], table: Table = scores
) -> None:
    """Keep scores; one already kept for the same record and content stays as it is."""
    values = [dict(row) for row in rows]
    if not values:
        return
    columns = ", ".join(table.columns.keys())
    places = ", ".join(f":{name}" for name in table.columns.keys())  # noqa: SIM118
    query = f"INSERT INTO {table.name} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING"
    # In one order everywhere, so that two writers of the same scores cannot block each other.
    values.sort(key=lambda row: (row["subject"], row["record_id"], row["content_hash"]))
    connection.execute(text(query), values)


def are_kept(connection: Connection, subject: str, pairs: list[Pair]) -> set[Pair]:
    """Say of which (record_id, content_hash) there is a score."""
    wanted = tuple_(scores.c.record_id, scores.c.content_hash).in_(pairs)
    named = select(scores.c.record_id, scores.c.content_hash)
    found = connection.execute(named.where(scores.c.subject == subject, wanted))
    return {(record_id, content) for record_id, content in found}


def find_scores(
    connection: Connection, subject: str, pairs: list[Pair]
) -> dict[Pair, dict[str, Any]]:
    """Find kept scores by (record_id, content_hash), each with its neighbours' identifiers."""
    record_ids = [record_id for record_id, _ in pairs]
    asked = {"subject": subject, "record_ids": record_ids, "pairs": pairs}
    rows = connection.execute(_found(), asked).mappings()
    return {(row["record_id"], row["content_hash"]): dict(row) for row in rows}


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
def _found() -> Select[Any]:
    """Select scores with their neighbours; made once, as every call that scores asks."""
    linked = _linked()
    wanted = tuple_(scores.c.record_id, scores.c.content_hash)
    return (
        select(scores, linked.c.supersedes, linked.c.superseded_by)
        .outerjoin(linked, linked.c.score_id == scores.c.score_id)
        .where(
            scores.c.subject == bindparam("subject"),
            wanted.in_(bindparam("pairs", expanding=True)),
        )
    )


def _linked() -> Subquery:
    """Put each record's scores in the order of its versions."""
    order = scores.c.known_at, scores.c.scored_at, scores.c.score_id
    before, after = (
        step(scores.c.score_id).over(partition_by=scores.c.record_id, order_by=order)
        for step in (func.lag, func.lead)
    )
    return (
        select(scores.c.score_id, before.label("supersedes"), after.label("superseded_by"))
        .where(
            scores.c.subject == bindparam("subject"),
            scores.c.record_id.in_(bindparam("record_ids", expanding=True)),
            scores.c.filed.is_(True),
        )
        .subquery()
    )
