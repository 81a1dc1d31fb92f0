"""What the store holds of groups of records, and since when records that arrive are known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from features.records import Kind, kind_of
from features.store.engine import driven
from features.store.questions import bound_texts
from features.store.rows import Records, Rows
from features.store.statements import mark
from features.store.times import micros
from features.store.versions import Version, as_first_known, hashes

__all__ = ["Held", "as_filed", "dated", "held", "holds_any", "known_among"]

# Identity of a record, one of its versions, and from when on another holds.
Held = tuple[tuple[Any, ...], Version, int | None]


def as_filed(
    connection: Connection, kind_name: str, records: Records, received_at: datetime
) -> tuple[Version, ...]:
    """Give records the versions that :func:`take_in` would, and write nothing."""
    kind = kind_of(kind_name)
    rows = Rows.of(records, kind)
    stored = held(connection, kind, rows.stored[kind.group])
    return tuple(dated(rows, hashes(rows), stored, received_at))


def held(connection: Connection, kind: Kind, groups: list[Any]) -> list[Held]:
    """Read what the store holds of groups of records."""
    columns = ", ".join((*kind.identity, "known_at", "content_hash", "seq", "superseded_at"))
    where, asked = _of_groups(connection, kind, groups)
    with driven(connection) as cursor:
        cursor.execute(f"SELECT {columns} FROM {kind.name} WHERE {where}", (asked,))
        found = cursor.fetchall()
    return [
        (tuple(identity), Version(known_at, digest, seq), superseded_at)
        for *identity, known_at, digest, seq, superseded_at in found
    ]


def holds_any(connection: Connection, kind: Kind, groups: Iterable[object]) -> bool:
    """Whether any record of these groups was ever taken in."""
    where, asked = _of_groups(connection, kind, groups)
    with driven(connection) as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {kind.name} WHERE {where})", (asked,))
        ((found,),) = cursor.fetchall()
    return bool(found)


def known_among(connection: Connection, kind: Kind, groups: Iterable[object]) -> set[str]:
    """Name those of the groups of which any record was ever taken in."""
    where, asked = _of_groups(connection, kind, groups)
    with driven(connection) as cursor:
        cursor.execute(f"SELECT DISTINCT {kind.group} FROM {kind.name} WHERE {where}", (asked,))
        return {name for (name,) in cursor.fetchall()}


def _of_groups(connection: Connection, kind: Kind, groups: Iterable[object]) -> tuple[str, object]:
    """Give the condition that records are of some groups, and its one parameter."""
    names, dialect = [*dict.fromkeys(groups)], connection.dialect.name
    if len(names) == 1:  # reading a list of one takes SQLite longer than finding it
        return f"{kind.group} = {mark(dialect)}", names[0]
    return f"{kind.group} IN ({bound_texts(dialect)})", json.dumps(names)


def dated(
    rows: Rows, digests: list[str], stored: list[Held], received_at: datetime | None
) -> list[Version]:
    """Give the versions that arriving rows are; those received one by one, as first known."""
    said = zip(rows.stored["known_at"], digests, strict=True)
    arriving = [Version(known, digest, None, i) for i, (known, digest) in enumerate(said)]
    if received_at is None:
        return arriving
    return as_first_known(rows.identities(), arriving, stored, micros(received_at))
