"""Facts and tiles of records that were amended: made anew, as what they were made of changed.

Invariant: the facts of a group are made anew together, and the tiles of every key and day that they
are of, or were.
"""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import Connection, select, text

from features.facts import FACTS, Facts
from features.profiles import Profile
from features.records import Kind
from features.store.compiled import compiled_once
from features.store.merges import rebuild_pairs, rebuild_tiles
from features.store.past import outdate
from features.store.rows import AT_ONCE, chunks
from features.store.schema import metadata, pairs, profiles
from features.store.statements import facts_of, fill_facts

__all__ = ["make_amending_statements", "refresh"]

# Temporary tables stay with their connection, as making one has it prepare each statement anew.
_TOUCHED = text("CREATE TEMPORARY TABLE IF NOT EXISTS touched (name TEXT PRIMARY KEY)")
# A server does not clean temporary tables up: rows that were deleted would pile up in them.
_EMPTY = {"sqlite": "DELETE FROM", "postgresql": "TRUNCATE"}
_TOUCH = text("INSERT INTO touched VALUES (:name)")


def make_amending_statements(dialect: str) -> None:
    """Make and keep the statements by which facts and tiles of amended records are made anew."""
    for name in FACTS:
        _remaking(name, dialect)


def refresh(connection: Connection, kind: Kind, groups: set[object], batch: int) -> None:
    """Make facts and tiles anew that a batch changed."""
    for facts in map(FACTS.__getitem__, facts_of(kind.name)):
        names = _named(connection, kind, facts.kinds[kind.name], groups)
        if names:
            outdate(connection)
            connection.execute(_TOUCHED)
            connection.execute(text(f"{_EMPTY[connection.dialect.name]} touched"))
            connection.execute(_TOUCH, [{"name": name} for name in sorted(names)])
            _remake(connection, facts, batch)


class _Remaking(TypedDict):
    """Statements that make facts anew, by the tables that they fill."""

    facts: str
    tiles: dict[str, str]
    pairs: dict[str, str]


@compiled_once
def _remaking(facts: str, dialect: str) -> _Remaking:
    tiled = {profile.name: profile for profile in profiles() if profile.facts == facts}
    kept = {one.name: (one, profile) for one, profile in pairs().items() if one.facts == facts}
    return {
        "facts": fill_facts(facts, dialect, None).text,
        "tiles": {name: rebuild_tiles(profile, dialect).text for name, profile in tiled.items()},
        "pairs": {name: rebuild_pairs(*both, dialect).text for name, both in kept.items()},
    }


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
    """Make the facts of touched groups anew, and the tiles of every key and day they are of."""
    dialect = connection.dialect.name
    tiled = [profile for profile in profiles() if profile.facts == facts.name]
    touched = f"{facts.group} IN (SELECT name FROM touched)"
    for profile in tiled:
        table, keys = f"stale_{profile.name}", ", ".join(profile.tile_key)
        like = f"SELECT {keys} FROM tiles_{profile.name} WHERE false"
        connection.execute(text(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} AS {like}"))
        connection.execute(text(f"{_EMPTY[dialect]} {table}"))
        connection.execute(text(f"INSERT INTO {table} {_stale(profile, touched)}"))
    connection.execute(text(f"DELETE FROM facts_{facts.name} WHERE {touched}"))
    made = _remaking(facts.name, dialect)
    connection.execute(text(made["facts"]), {"batch": batch})
    for profile in tiled:
        table, keys = f"stale_{profile.name}", ", ".join(profile.tile_key)
        new = f"{_stale(profile, touched)} EXCEPT SELECT {keys} FROM {table}"
        connection.execute(text(f"INSERT INTO {table} {new}"))
        gone = f"({keys}) IN (SELECT {keys} FROM {table})"
        connection.execute(text(f"DELETE FROM tiles_{profile.name} WHERE {gone}"))
        connection.execute(text(made["tiles"][profile.name]))
    for kept, profile in pairs().items():
        if profile in tiled:
            keys = ", ".join(kept.keys)
            gone = f"({keys}) IN (SELECT {keys} FROM stale_{profile.name})"
            connection.execute(text(f"DELETE FROM pairs_{kept.name} WHERE {gone}"))
            connection.execute(text(made["pairs"][kept.name]))


def _stale(profile: Profile, touched: str) -> str:
    """Select the keys and days of touched facts."""
    keys = ", ".join(profile.tile_key)
    named = " AND ".join(f"{key} IS NOT NULL" for key in profile.keys)
    return f"SELECT DISTINCT {keys} FROM facts_{profile.facts} WHERE {touched} AND {named}"
