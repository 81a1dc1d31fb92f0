"""Taking records in: one transaction a batch, after which records, facts and tiles agree.

New groups of records add their facts and merge them into the tiles. Where a batch changes a group
already known, the group's facts are made anew, and so are the tiles of every key and day touched.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, delete, select, text, update

from features.facts import FACTS, SOURCES
from features.records import Kind, kind_of
from features.store.derived import check_definitions
from features.store.engine import take_turn
from features.store.questions import bound
from features.store.rows import Records, Rows
from features.store.schema import metadata, profiles
from features.store.statements import (
    driver_sql,
    fill_facts,
    insertion,
    merge_tiles,
    rebuild_tiles,
)
from features.store.times import micros
from features.store.versions import Plan, Version, as_first_known, hashes, plan

__all__ = ["Taken", "as_filed", "take_in"]

Stored = tuple[tuple[Any, ...], Version, int | None]
_CHUNK = 500
_ROWS = 5_000
_MANY = 1_000


@dataclass(frozen=True)
class Taken:
    """How many rows were new, how many changed nothing, how many amended a record known before.

    ``versions`` are the rows as they count now, in their order: since when, and the content's hash.
    """

    inserted: int
    unchanged: int
    amended: int
    versions: tuple[Version, ...] = field(default=(), compare=False, repr=False)


def take_in(
    connection: Connection,
    kind_name: str,
    records: Records,
    progress: Callable[[int], None] | None = None,
    received_at: datetime | None = None,
) -> Taken:
    """Write accepted, pseudonymised records within the caller's transaction."""
    kind = kind_of(kind_name)
    rows = Rows.of(records, kind)
    digests = hashes(rows)
    take_turn(connection)
    check_definitions(connection)
    stored = _stored(connection, kind, rows.stored[kind.group])
    arriving = _dated(rows, digests, stored, received_at)
    rows = rows.known_at([version.known_at for version in arriving])
    decided = plan(rows.identities(), arriving, stored)
    if decided.inserted or decided.ended or decided.removed:
        batch = secrets.randbits(62)
        before = _last(connection, kind)
        _write(connection, rows, digests, batch, decided)
        if progress:
            progress(len(rows) // 2)
        _add_facts(connection, kind, batch, before)
        touched = {identity[kind.identity.index(kind.group)] for identity, _, _ in stored}
        changed = _changed_groups(rows, decided, stored) & touched
        if kind.name in SOURCES and (changed or decided.removed or decided.ended):
            _refresh(connection, kind, changed, batch)
    elif progress:
        progress(len(rows) // 2)
    if progress:
        progress(len(rows) - len(rows) // 2)
    new = len(decided.inserted) - decided.amended
    return Taken(new, decided.unchanged, decided.amended, tuple(arriving))


def as_filed(
    connection: Connection, kind_name: str, records: Records, received_at: datetime
) -> tuple[Version, ...]:
    """Give records the versions that :func:`take_in` would, and write nothing."""
    kind = kind_of(kind_name)
    rows = Rows.of(records, kind)
    stored = _stored(connection, kind, rows.stored[kind.group])
    return tuple(_dated(rows, hashes(rows), stored, received_at))


def _dated(
    rows: Rows, digests: list[str], stored: list[Stored], received_at: datetime | None
) -> list[Version]:
    dated = zip(rows.stored["known_at"], digests, strict=True)
    arriving = [Version(known, digest, None, i) for i, (known, digest) in enumerate(dated)]
    if received_at is None:
        return arriving
    return as_first_known(rows.identities(), arriving, stored, micros(received_at))


def _stored(connection: Connection, kind: Kind, groups: list[Any]) -> list[Stored]:
    """Read what the store holds of groups of records."""
    columns = ", ".join((*kind.identity, "known_at", "content_hash", "seq", "superseded_at"))
    wanted = bound({"wanted": "string"}, connection.dialect.name)
    query = f"SELECT {columns} FROM {kind.name} WHERE {kind.group} IN ({wanted})"
    asked = json.dumps([[group] for group in dict.fromkeys(groups)])
    return [
        (tuple(identity), Version(known_at, digest, seq), superseded_at)
        for *identity, known_at, digest, seq, superseded_at in connection.exec_driver_sql(
            query, (asked,)
        )
    ]


def _changed_groups(rows: Rows, decided: Plan, stored: list[Stored]) -> set[object]:
    place = rows.kind.identity.index(rows.kind.group)
    moved = set(decided.ended) | set(decided.removed)
    names = rows.stored[rows.kind.group]
    groups: set[object] = {names[position] for position in decided.inserted}
    return groups | {identity[place] for identity, version, _ in stored if version.seq in moved}


def _last(connection: Connection, kind: Kind) -> dict[str, int]:
    """Read the last row of a kind's table, and of every table of facts made from it."""
    made = (f"facts_{name}" for name, facts in FACTS.items() if kind.name in facts.kinds)
    tables = (kind.name, *made)
    lasts = ", ".join(f"(SELECT COALESCE(MAX(seq), 0) FROM {table})" for table in tables)
    (row,) = connection.exec_driver_sql(f"SELECT {lasts}")
    return dict(zip(tables, row, strict=True))


def _write(
    connection: Connection, rows: Rows, digests: list[str], batch: int, decided: Plan
) -> None:
    table = metadata.tables[rows.kind.name]
    for chunk in _chunks(decided.removed, _CHUNK):
        connection.execute(delete(table).where(table.c.seq.in_(chunk)))
    if decided.ended:
        ending = (
            update(table)
            .where(table.c.seq == bindparam("row"))
            .values(superseded_at=bindparam("end"))
        )
        connection.execute(ending, [{"row": seq, "end": end} for seq, end in decided.ended.items()])
    positions = sorted(decided.inserted)
    columns = {name: [values[i] for i in positions] for name, values in rows.stored.items()}
    columns["content_hash"] = [digests[i] for i in positions]
    columns["batch"] = [batch] * len(positions)
    columns["superseded_at"] = [decided.inserted[i] for i in positions]
    query = insertion(table.name, tuple(columns), connection.dialect.name)
    written = list(zip(*columns.values(), strict=True))
    for chunk in _chunks(written, _ROWS):
        connection.exec_driver_sql(query, chunk)
    if len(written) >= _MANY and connection.dialect.name == "postgresql":
        # Else it plans for the few rows there were before, one by one.
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def _add_facts(connection: Connection, kind: Kind, batch: int, before: dict[str, int]) -> None:
    dialect = connection.dialect.name
    for name, facts in FACTS.items():
        if kind.name not in facts.kinds:
            continue
        fresh = {"seq": before[kind.name], "batch": batch}
        if not _run(connection, fill_facts(name, dialect, kind.name), fresh):
            continue
        added = {"seq": before[f"facts_{name}"], "batch": batch}
        for profile in profiles():
            if profile.facts == name:
                _run(connection, merge_tiles(profile, dialect), added)


def _run(connection: Connection, statement: TextClause, parameters: dict[str, int]) -> int:
    """Run one of the many short statements of a batch; gives the number of rows written."""
    query = driver_sql(statement.text, connection.dialect.name)
    return connection.exec_driver_sql(query, parameters).rowcount


def _refresh(connection: Connection, kind: Kind, groups: Iterable[object], batch: int) -> None:
    """Make facts and tiles anew for declarations that the batch changed."""
    declarations = sorted(_declarations(connection, kind, list(groups)))
    temporary = _temporary(connection, "touched", "declaration_id TEXT PRIMARY KEY")
    connection.execute(
        text(f"INSERT INTO {temporary} VALUES (:id)"),
        [{"id": value} for value in declarations],
    )
    for name in FACTS:
        _stale(connection, name, create=True)
        where = "declaration_id IN (SELECT declaration_id FROM touched)"
        connection.execute(text(f"DELETE FROM facts_{name} WHERE {where}"))
        parameters = {"batch": batch}
        connection.execute(fill_facts(name, connection.dialect.name, None), parameters)
        _stale(connection, name, create=False)
    for profile in profiles():
        same = " AND ".join(f"tiles_{profile.name}.{key} = stale.{key}" for key in profile.tile_key)
        gone = f"EXISTS (SELECT 1 FROM stale_{profile.name} AS stale WHERE {same})"
        connection.execute(text(f"DELETE FROM tiles_{profile.name} WHERE {gone}"))
        connection.execute(rebuild_tiles(profile, connection.dialect.name))
        connection.execute(text(f"DROP TABLE stale_{profile.name}"))
    connection.execute(text("DROP TABLE touched"))


def _declarations(connection: Connection, kind: Kind, groups: list[object]) -> set[str]:
    if kind.group == "declaration_id":
        return {str(group) for group in groups}
    table = metadata.tables[kind.name]
    found: set[str] = set()
    for chunk in _chunks(groups, _CHUNK):
        found |= set(
            connection.scalars(select(table.c.subject_id).where(table.c[kind.group].in_(chunk)))
        )
    return found


def _temporary(connection: Connection, name: str, columns: str) -> str:
    connection.execute(text(f"CREATE TEMPORARY TABLE {name} ({columns})"))
    return name


def _stale(connection: Connection, facts: str, *, create: bool) -> None:
    """Note the keys and days of the touched declarations' facts, before and after the change."""
    for profile in profiles():
        if profile.facts != facts:
            continue
        keys = ", ".join((*profile.keys, "day"))
        named = " AND ".join(f"{key} IS NOT NULL" for key in profile.keys)
        query = (
            f"SELECT DISTINCT {keys} FROM facts_{facts} "
            f"WHERE declaration_id IN (SELECT declaration_id FROM touched) AND {named}"
        )
        table = f"stale_{profile.name}"
        if create:
            connection.execute(text(f"CREATE TEMPORARY TABLE {table} AS {query}"))
        else:
            connection.execute(
                text(f"INSERT INTO {table} {query} EXCEPT SELECT {keys} FROM {table}")
            )


def _chunks(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
