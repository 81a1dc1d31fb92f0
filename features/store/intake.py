"""Taking records in: one transaction a batch, after which records, facts and tiles agree.

New groups of records add their facts and merge them into the tiles. Where a batch changes a group
already known, the group's facts are made anew, and so are the tiles of every key and day touched.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from features.facts import FACTS
from features.records import Kind, kind_of
from features.store.derived import check_definitions
from features.store.engine import take_turn
from features.store.schema import metadata, profiles
from features.store.statements import fill_facts, merge_tiles, rebuild_tiles
from features.store.times import to_micros
from features.store.versions import Plan, Version, content_hashes, plan

__all__ = ["Taken", "take_in"]

_CHUNK = 500
_ROWS = 5_000


@dataclass(frozen=True)
class Taken:
    """How many rows were new, how many changed nothing, how many amended a record known before."""

    inserted: int
    unchanged: int
    amended: int


def take_in(
    connection: Connection,
    kind_name: str,
    frame: pd.DataFrame,
    progress: Callable[[int], None] | None = None,
) -> Taken:
    """Write accepted, pseudonymised records within the caller's transaction."""
    kind = kind_of(kind_name)
    frame = frame.reset_index(drop=True)
    hashes = content_hashes(frame, kind)
    take_turn(connection)
    check_definitions(connection)
    groups = list(dict.fromkeys(frame[kind.group].tolist()))
    stored = list(_stored(connection, kind, groups))
    decided = _decide(kind, frame, hashes, stored)
    touched = {identity[kind.identity.index(kind.group)] for identity, _, _ in stored}
    changed = _changed_groups(kind, frame, decided, stored) & touched
    batch = secrets.randbits(62)
    before = {
        name: _last(connection, name) for name in (kind.name, *(f"facts_{fact}" for fact in FACTS))
    }
    _write(connection, kind, frame.assign(content_hash=hashes, batch=batch), decided)
    if progress:
        progress(len(frame) // 2)
    _add_facts(connection, kind, batch, before)
    feeds = any(kind.name in facts.kinds for facts in FACTS.values())
    if feeds and (changed or decided.removed or decided.ended):
        _refresh(connection, kind, changed, batch)
    if progress:
        progress(len(frame) - len(frame) // 2)
    return Taken(len(decided.inserted) - decided.amended, decided.unchanged, decided.amended)


def _decide(
    kind: Kind,
    frame: pd.DataFrame,
    hashes: list[str],
    stored: list[tuple[tuple[object, ...], Version, int | None]],
) -> Plan:
    plain = to_micros(frame[[*kind.identity, "known_at"]])
    identities = list(zip(*(plain[name].tolist() for name in kind.identity), strict=True))
    instants = plain["known_at"].tolist()
    arriving = [
        Version(int(known_at), digest, None, position)
        for position, (known_at, digest) in enumerate(zip(instants, hashes, strict=True))
    ]
    return plan(identities, arriving, stored)


def _stored(
    connection: Connection, kind: Kind, groups: list[str]
) -> Iterator[tuple[tuple[object, ...], Version, int | None]]:
    table = metadata.tables[kind.name]
    if connection.execute(select(table.c.seq).limit(1)).first() is None:
        return
    columns = [table.c[name] for name in kind.identity]
    query = select(
        *columns, table.c.known_at, table.c.content_hash, table.c.seq, table.c.superseded_at
    )
    for chunk in _chunks(groups, _CHUNK):
        for row in connection.execute(query.where(table.c[kind.group].in_(chunk))):
            *identity, known_at, digest, seq, superseded_at = row
            yield tuple(identity), Version(known_at, digest, seq), superseded_at


def _changed_groups(
    kind: Kind,
    frame: pd.DataFrame,
    decided: Plan,
    stored: list[tuple[tuple[object, ...], Version, int | None]],
) -> set[object]:
    place = kind.identity.index(kind.group)
    moved = set(decided.ended) | set(decided.removed)
    groups: set[object] = {frame[kind.group].iloc[position] for position in decided.inserted}
    return groups | {identity[place] for identity, version, _ in stored if version.seq in moved}


def _last(connection: Connection, table: str) -> int:
    return connection.execute(
        select(func.coalesce(func.max(metadata.tables[table].c.seq), 0))
    ).scalar_one()


def _write(connection: Connection, kind: Kind, frame: pd.DataFrame, decided: Plan) -> None:
    table = metadata.tables[kind.name]
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
    ends = pd.array([decided.inserted[position] for position in positions], dtype="Int64")
    names = [*kind.fields, "content_hash", "batch"]
    rows = to_micros(frame.iloc[positions])[names].assign(superseded_at=ends)
    for start in range(0, len(rows), _ROWS):
        connection.execute(insert(table), _mappings(rows.iloc[start : start + _ROWS]))


def _mappings(rows: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {}
    for name in rows.columns:
        values = rows[name].astype(object)
        columns[name] = values.where(rows[name].notna(), None).tolist()
    names = list(columns)
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _add_facts(connection: Connection, kind: Kind, batch: int, before: dict[str, int]) -> None:
    dialect = connection.dialect.name
    for name, facts in FACTS.items():
        if kind.name not in facts.kinds:
            continue
        connection.execute(
            fill_facts(name, dialect, kind.name), {"seq": before[kind.name], "batch": batch}
        )
        for profile in profiles():
            if profile.facts == name:
                parameters = {"seq": before[f"facts_{name}"], "batch": batch}
                connection.execute(merge_tiles(profile, dialect), parameters)


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
        same = " AND ".join(
            f"tiles_{profile.name}.{key} = stale.{key}" for key in (*profile.keys, "day")
        )
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
