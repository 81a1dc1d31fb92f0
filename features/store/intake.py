"""Taking records in: one transaction a batch, after which records, facts and tiles agree.

New groups of records add their facts and merge them into tiles and pairs. Where a batch changes a
group already known, the group's facts are made anew, and so are the tiles of every key and day
touched, and the pairs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress

from sqlalchemy import Connection, bindparam, delete, update

from features.records import Kind, kind_of
from features.store.amending import refresh
from features.store.compiled import compiled_once
from features.store.derived import check_definitions
from features.store.engine import at_once, driven, take_turn
from features.store.held import Held, dated, held
from features.store.merges import merge_pairs, merge_tiles
from features.store.rows import AT_ONCE, Records, Rows, chunks
from features.store.schema import metadata, pairs, profiles
from features.store.statements import (
    driver_sql,
    facts_of,
    fill_facts,
    insertion,
    possible_facts,
)
from features.store.versions import Plan, Version, hashes, plan

__all__ = ["Taken", "make_statements", "take_in"]

_ROWS = 5_000
_MANY = 1_000


@dataclass(frozen=True)
class Taken:
    """How many rows were new, how many changed nothing, how many amended a record known before.

    ``versions`` are the rows as they count now, in their order: since when, and the content's hash.
    ``first`` says that nothing was known of their groups, such as other items of a declaration, in
    any version.
    ``contradicting`` are the places of rows that were not taken in, as the store has another
    version of that record from that very instant on.
    """

    inserted: int
    unchanged: int
    amended: int
    versions: tuple[Version, ...] = field(default=(), compare=False, repr=False)
    first: bool = field(default=False, compare=False, repr=False)
    contradicting: tuple[int, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.inserted or self.amended)


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
    stored = held(connection, kind, rows.stored[kind.group])
    arriving = dated(rows, digests, stored, received_at)
    rows = rows.known_at([version.known_at for version in arriving])
    decided = plan(rows.identities(), arriving, stored)
    if decided.inserted or decided.ended or decided.removed:
        batch = secrets.randbits(62)
        known, new = _by_group(rows, decided, stored)
        _end(connection, kind, decided)
        _write(connection, rows, digests, batch, known)
        if new:
            before = _last(connection, kind)
            _write(connection, rows, digests, batch, new)
            _add_facts(connection, kind, batch, before, is_few=len(new) < _MANY)
        if progress:
            progress(len(rows) // 2)
        changed = _changed_groups(rows, known, decided, stored)
        if changed:
            refresh(connection, kind, changed, batch)
    elif progress:
        progress(len(rows) // 2)
    if progress:
        progress(len(rows) - len(rows) // 2)
    new = len(decided.inserted) - decided.amended
    return Taken(
        new,
        decided.unchanged,
        decided.amended,
        tuple(arriving),
        first=not stored,
        contradicting=tuple(sorted(decided.contradicting)),
    )


def make_statements(kind: str, dialect: str) -> None:
    """Make and keep the statements by which records of a kind become facts and tiles."""
    for name in facts_of(kind):
        _fill(name, dialect, kind)
        for by_instant in {False, dialect == "sqlite"}:
            _merges(name, dialect, by_instant=by_instant)


def _by_group(
    rows: Rows, decided: Plan, stored: list[Held]
) -> tuple[dict[int, int | None], dict[int, int | None]]:
    """Part what is inserted, by whether anything was known of its group before."""
    place = rows.kind.identity.index(rows.kind.group)
    touched = {identity[place] for identity, _, _ in stored}
    names = rows.stored[rows.kind.group]
    inserted = sorted(decided.inserted.items())
    known = {position: end for position, end in inserted if names[position] in touched}
    return known, {position: end for position, end in inserted if position not in known}


def _changed_groups(
    rows: Rows, known: Collection[int], decided: Plan, stored: list[Held]
) -> set[object]:
    place = rows.kind.identity.index(rows.kind.group)
    moved = set(decided.ended) | set(decided.removed)
    names = rows.stored[rows.kind.group]
    groups: set[object] = {names[position] for position in known}
    return groups | {identity[place] for identity, version, _ in stored if version.seq in moved}


def _last(connection: Connection, kind: Kind) -> dict[str, int]:
    """Read the last row of a kind's table, and of every table of facts made from it."""
    tables = (kind.name, *(f"facts_{name}" for name in facts_of(kind.name)))
    lasts = ", ".join(f"(SELECT COALESCE(MAX(seq), 0) FROM {table})" for table in tables)
    with driven(connection) as cursor:
        cursor.execute(f"SELECT {lasts}")
        (row,) = cursor.fetchall()
    return dict(zip(tables, row, strict=True))


def _end(connection: Connection, kind: Kind, decided: Plan) -> None:
    """Say of versions that were replaced since when; leave out those that were never in force."""
    table = metadata.tables[kind.name]
    for chunk in chunks(decided.removed, AT_ONCE):
        connection.execute(delete(table).where(table.c.seq.in_(chunk)))
    if decided.ended:
        ending = (
            update(table)
            .where(table.c.seq == bindparam("row"))
            .values(superseded_at=bindparam("end"))
        )
        connection.execute(ending, [{"row": seq, "end": end} for seq, end in decided.ended.items()])


def _write(
    connection: Connection,
    rows: Rows,
    digests: list[str],
    batch: int,
    ends: Mapping[int, int | None],
) -> None:
    """Write rows by their places, each with the instant from which another version holds."""
    table = metadata.tables[rows.kind.name]
    columns = {name: [values[i] for i in ends] for name, values in rows.stored.items()}
    columns["content_hash"] = [digests[i] for i in ends]
    columns["batch"] = [batch] * len(ends)
    columns["superseded_at"] = [*ends.values()]
    query = insertion(table.name, tuple(columns), connection.dialect.name)
    written = list(zip(*columns.values(), strict=True))
    for chunk in chunks(written, _ROWS):
        connection.exec_driver_sql(query, chunk)
    if len(written) >= _MANY and connection.dialect.name == "postgresql":
        # Else it plans for the few rows there were before, one by one.
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def _add_facts(
    connection: Connection, kind: Kind, batch: int, before: dict[str, int], *, is_few: bool
) -> None:
    """Add the facts of a batch, and merge them into the tiles.

    These are many short statements, so they go to the driver itself.
    """
    if not facts_of(kind.name):
        return
    dialect = connection.dialect.name
    fresh = {"seq": before[kind.name], "batch": batch}
    by_instant = is_few and dialect == "sqlite"
    with driven(connection) as cursor:
        cursor.execute(possible_facts(kind.name, dialect), fresh)
        possible = cursor.fetchone() or ()
        for name in compress(facts_of(kind.name), possible):
            cursor.execute(_fill(name, dialect, kind.name), fresh)
            if cursor.rowcount:
                added = {"seq": before[f"facts_{name}"], "batch": batch}
                with at_once(connection):
                    for query in _merges(name, dialect, by_instant=by_instant):
                        cursor.execute(query, added)


@compiled_once
def _fill(facts: str, dialect: str, kind: str) -> str:
    return driver_sql(fill_facts(facts, dialect, kind).text, dialect)


@compiled_once
def _merges(facts: str, dialect: str, *, by_instant: bool) -> list[str]:
    tiled = [profile for profile in profiles() if profile.facts == facts]
    merges = [merge_tiles(profile, dialect, by_instant=by_instant) for profile in tiled]
    merges += [merge_pairs(kept, dialect) for kept in pairs() if kept.facts == facts]
    return [driver_sql(merge, dialect) for merge in merges]
