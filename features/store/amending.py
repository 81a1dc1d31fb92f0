"""Facts and tiles of records that were amended: made anew, as what they were made of changed.

Invariant: the facts of a group are made anew together, and every tile and pair that they are of, or
were, is changed by what went and what came: see :mod:`features.store.changes`.
"""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import Connection, select, text
from sqlalchemy.engine.interfaces import DBAPICursor

from features.facts import FACTS, Facts
from features.pairs import Pairs
from features.profiles import Profile
from features.records import Kind
from features.store.changes import (
    SIDES,
    find_stale,
    lessen_tiles,
    merge_after,
    merge_touched_pairs,
    touched_tiles,
)
from features.store.compiled import compiled_once
from features.store.engine import driven
from features.store.merges import rebuild_pairs, rebuild_tiles
from features.store.past import outdate
from features.store.rows import AT_ONCE, chunks
from features.store.schema import metadata, pairs, profiles
from features.store.statements import driver_sql, facts_of, fill_facts

__all__ = ["make_amending_statements", "refresh"]

# Temporary tables stay with their connection, as making one has it prepare each statement anew.
_TOUCHED = text("CREATE TEMPORARY TABLE IF NOT EXISTS touched (name TEXT PRIMARY KEY)")
# A server does not clean temporary tables up: rows that were deleted would pile up in them.
_EMPTY = {"sqlite": "DELETE FROM", "postgresql": "TRUNCATE"}
_TOUCH = text("INSERT INTO touched VALUES (:name)")
# A tile of fewer facts is made anew: that takes no longer than to change it.
FEW = 500


def make_amending_statements(dialect: str) -> None:
    """Make and keep the statements by which facts and tiles of amended records are made anew."""
    for name in FACTS:
        _remaking(name, dialect)


def refresh(connection: Connection, kind: Kind, groups: set[object], batch: int) -> None:
    """Make facts and tiles anew that a batch changed."""
    for facts in map(FACTS.__getitem__, facts_of(kind.name)):
        names = _named(connection, kind, facts.kinds[kind.name], groups)
        if names:
            connection.execute(_TOUCHED)
            connection.execute(text(f"{_EMPTY[connection.dialect.name]} touched"))
            connection.execute(_TOUCH, [{"name": name} for name in sorted(names)])
            _remake(connection, facts, batch)


class _Changing(TypedDict):
    """Statements that change a profile's tiles, in the driver's SQL."""

    before: str
    after: str
    stale: str
    rebuild: str
    lessen: str | None
    merge: str


class _Remaking(TypedDict):
    """Statements that make facts anew, and change the tiles and pairs they are of."""

    facts: str
    tiles: dict[str, _Changing]
    pairs: dict[str, list[str]]


@compiled_once
def _remaking(facts: str, dialect: str) -> _Remaking:
    kept = [(pair, profile) for pair, profile in pairs().items() if pair.facts == facts]
    return {
        "facts": driver_sql(fill_facts(facts, dialect, None).text, dialect),
        "tiles": {profile.name: _changing(profile, dialect) for profile in _tiled(facts)},
        "pairs": {pair.name: _anew(pair, profile, dialect) for pair, profile in kept},
    }


def _tiled(facts: str) -> list[Profile]:
    return [profile for profile in profiles() if profile.facts == facts]


def _changing(profile: Profile, dialect: str) -> _Changing:
    lessen = lessen_tiles(profile)
    before, after = (touched_tiles(profile, side, dialect) for side in SIDES)
    return {
        "before": driver_sql(before, dialect),
        "after": driver_sql(after, dialect),
        "stale": driver_sql(find_stale(profile), dialect),
        "rebuild": driver_sql(rebuild_tiles(profile, dialect), dialect),
        "lessen": lessen and driver_sql(lessen, dialect),
        "merge": driver_sql(merge_after(profile, dialect), dialect),
    }


def _anew(pair: Pairs, profile: Profile, dialect: str) -> list[str]:
    keys = ", ".join(pair.keys)
    gone = f"({keys}) IN (SELECT {keys} FROM before_{profile.name})"
    anew = rebuild_pairs(pair, profile, dialect), merge_touched_pairs(pair, dialect)
    delete = f"DELETE FROM pairs_{pair.name} WHERE {gone}"
    return [driver_sql(statement, dialect) for statement in (delete, *anew)]


def _named(connection: Connection, kind: Kind, column: str, groups: set[object]) -> set[str]:
    """Name the groups of facts that groups of records belong to, in any of their versions."""
    if column == kind.group:
        return {str(group) for group in groups}
    table, found = metadata.tables[kind.name], set()
    for chunk in chunks(sorted(map(str, groups)), AT_ONCE):
        query = select(table.c[column]).distinct().where(table.c[kind.group].in_(chunk))
        found |= set(connection.scalars(query.where(table.c[column].isnot(None))))
    return found


def _remake(connection: Connection, facts: Facts, batch: int) -> None:
    """Make the facts of touched groups anew, and change the tiles of every key and day."""
    dialect = connection.dialect.name
    made, values = _remaking(facts.name, dialect), {"batch": batch, "few": FEW}
    touched = f"{facts.group} IN (SELECT name FROM touched)"
    first = f"SELECT MIN(day) FROM facts_{facts.name} WHERE {touched}"
    with driven(connection) as cursor:
        was = _one(cursor, first)
        for profile in _tiled(facts.name):
            _make_tables(cursor, profile, dialect)
            cursor.execute(made["tiles"][profile.name]["before"], values)
        cursor.execute(f"DELETE FROM facts_{facts.name} WHERE {touched}")
        cursor.execute(made["facts"], values)
        for profile in _tiled(facts.name):
            _change(cursor, profile, made["tiles"][profile.name], values)
        for statements in made["pairs"].values():
            for statement in statements:
                cursor.execute(statement, values)
        now = _one(cursor, first)
    # Of the days from the first that facts came for, every connection forgets by itself.
    if was is not None and (now is None or was < now):
        outdate(connection)


def _one(cursor: DBAPICursor, query: str) -> int | None:
    cursor.execute(query)
    ((found,),) = cursor.fetchall()
    return found


def _make_tables(cursor: DBAPICursor, profile: Profile, dialect: str) -> None:
    columns = {**dict.fromkeys(SIDES, "*"), "stale": ", ".join(profile.tile_key)}
    for name, chosen in columns.items():
        table, like = f"{name}_{profile.name}", f"SELECT {chosen} FROM tiles_{profile.name}"
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} AS {like} WHERE false")
        cursor.execute(f"{_EMPTY[dialect]} {table}")


def _change(
    cursor: DBAPICursor, profile: Profile, statements: _Changing, values: dict[str, int]
) -> None:
    cursor.execute(statements["after"], values)
    cursor.execute(statements["stale"], values)
    keys = ", ".join(profile.tile_key)
    gone = f"({keys}) IN (SELECT {keys} FROM stale_{profile.name})"
    cursor.execute(f"DELETE FROM tiles_{profile.name} WHERE {gone}")
    cursor.execute(statements["rebuild"], values)
    if statements["lessen"]:
        cursor.execute(statements["lessen"], values)
    cursor.execute(statements["merge"], values)
