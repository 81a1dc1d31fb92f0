"""Facts of groups of records that changed: taken out whole, with what tiles and pairs had of them.

Once they are out, the store is as if nothing had ever been known of these groups; then their facts
are made anew and merged as those of new records are.

Invariant: the facts of a group go together, and come together.
"""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import Connection, select, text
from sqlalchemy.engine.interfaces import DBAPICursor

from features.facts import FACTS, Facts
from features.pairs import Pairs
from features.profiles import Profile
from features.records import Kind
from features.store.compiled import compiled_once
from features.store.engine import driven
from features.store.merges import rebuild_pairs, rebuild_tiles
from features.store.past import Past, outdate
from features.store.removals import find_gone, find_stale, lessen_tiles
from features.store.rows import AT_ONCE, chunks
from features.store.schema import metadata, pairs, profiles
from features.store.statements import driver_sql, facts_of, fill_facts, touched

__all__ = ["check_days", "make_amending_statements", "refill", "touch", "withdraw"]

# Temporary tables stay with their connection, as making one has it prepare each statement anew.
_TOUCHED = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS touched"
    " (facts TEXT, name TEXT, PRIMARY KEY (facts, name))"
)
# A server does not clean temporary tables up: rows that were deleted would pile up in them.
_EMPTY = {"sqlite": "DELETE FROM", "postgresql": "TRUNCATE"}
_TOUCH = text("INSERT INTO touched VALUES (:facts, :name)")
# A tile of fewer facts is made anew: that takes no longer than to take some away.
FEW = 500


def make_amending_statements(dialect: str) -> None:
    """Make and keep the statements by which facts of groups are taken out and made anew."""
    for name in FACTS:
        _withdrawal(name, dialect)
        refill(name, dialect)


def touch(
    connection: Connection, kind: Kind, groups: set[object], new: set[object]
) -> tuple[str, ...]:
    """Remember which groups of facts are touched; returns the relations that have any.

    Parameters
    ----------
    groups : set
        Groups of records that were known before, and changed.
    new : set
        Those that came with them. A new record may belong to a group of facts that is touched,
        as an inspection to a declaration's, so where any is, those of new records are too.
    """
    named = {}
    for name in facts_of(kind.name):
        column = FACTS[name].kinds[kind.name]
        found = _named(connection, kind, column, groups)
        named[name] = found and found | _named(connection, kind, column, new)
    connection.execute(_TOUCHED)
    connection.execute(text(f"{_EMPTY[connection.dialect.name]} touched"))
    rows = [{"facts": facts, "name": name} for facts in named for name in sorted(named[facts])]
    if rows:
        connection.execute(_TOUCH, rows)
    return tuple(name for name, found in named.items() if found)


def _named(connection: Connection, kind: Kind, column: str, groups: set[object]) -> set[str]:
    """Name the groups of facts that groups of records belong to, in any of their versions."""
    if column == kind.group:
        return {str(group) for group in groups}
    table, found = metadata.tables[kind.name], set()
    for chunk in chunks(sorted(map(str, groups)), AT_ONCE):
        query = select(table.c[column]).distinct().where(table.c[kind.group].in_(chunk))
        found |= set(connection.scalars(query.where(table.c[column].isnot(None))))
    return found


def withdraw(connection: Connection, facts: Facts) -> int | None:
    """Take the facts of touched groups out; returns the first day that any was of."""
    dialect, few = connection.dialect.name, {"few": FEW}
    made = _withdrawal(facts.name, dialect)
    with driven(connection) as cursor:
        first = _first_day(cursor, facts)
        for profile in _tiled(facts.name):
            _make_tables(cursor, profile, dialect)
            cursor.execute(made["tiles"][profile.name]["gone"], few)
        cursor.execute(f"DELETE FROM facts_{facts.name} WHERE {_is_touched(facts)}")
        for profile in _tiled(facts.name):
            _lessen(cursor, profile, made["tiles"][profile.name], few)
        for statements in made["pairs"].values():
            for statement in statements:
                cursor.execute(statement, few)
    if first is not None:
        Past.kept_by(connection).forget_after(first)
    return first


def check_days(connection: Connection, facts: Facts, first: int | None) -> None:
    """Have every connection forget what it merged, where no fact came for the first day that went.

    Otherwise each sees by the facts that came, which days to forget.
    """
    with driven(connection) as cursor:
        now = _first_day(cursor, facts)
    if first is not None and (now is None or first < now):
        outdate(connection)


@compiled_once
def refill(facts: str, dialect: str) -> str:
    """Make the facts of touched groups; parameter ``:batch`` marks what is written."""
    return driver_sql(fill_facts(facts, dialect, None).text, dialect)


class _Lessening(TypedDict):
    """Statements that take what went out of a profile's tiles."""

    gone: str
    stale: str
    rebuild: str
    lessen: str | None


class _Withdrawal(TypedDict):
    """Statements by which a relation's facts go, in the driver's SQL, by what they change."""

    tiles: dict[str, _Lessening]
    pairs: dict[str, list[str]]


@compiled_once
def _withdrawal(facts: str, dialect: str) -> _Withdrawal:
    kept = [(pair, profile) for pair, profile in pairs().items() if pair.facts == facts]
    return {
        "tiles": {profile.name: _lessening(profile, dialect) for profile in _tiled(facts)},
        "pairs": {pair.name: _made_anew(pair, profile, dialect) for pair, profile in kept},
    }


def _lessening(profile: Profile, dialect: str) -> _Lessening:
    lessen = lessen_tiles(profile)
    return {
        "gone": driver_sql(find_gone(profile, dialect), dialect),
        "stale": driver_sql(find_stale(profile), dialect),
        "rebuild": driver_sql(rebuild_tiles(profile, dialect), dialect),
        "lessen": lessen and driver_sql(lessen, dialect),
    }


def _made_anew(pair: Pairs, profile: Profile, dialect: str) -> list[str]:
    keys = ", ".join(pair.keys)
    gone = f"({keys}) IN (SELECT {keys} FROM gone_{profile.name})"
    statements = (
        f"DELETE FROM pairs_{pair.name} WHERE {gone}",
        rebuild_pairs(pair, profile, dialect),
    )
    return [driver_sql(statement, dialect) for statement in statements]


def _tiled(facts: str) -> list[Profile]:
    return [profile for profile in profiles() if profile.facts == facts]


def _is_touched(facts: Facts) -> str:
    return f"{facts.group} IN (SELECT name FROM {touched(facts.name)})"


def _first_day(cursor: DBAPICursor, facts: Facts) -> int | None:
    cursor.execute(f"SELECT MIN(day) FROM facts_{facts.name} WHERE {_is_touched(facts)}")
    ((found,),) = cursor.fetchall()
    return None if found is None else int(found)


def _make_tables(cursor: DBAPICursor, profile: Profile, dialect: str) -> None:
    for name, chosen in (("gone", "*"), ("stale", ", ".join(profile.tile_key))):
        table, like = f"{name}_{profile.name}", f"SELECT {chosen} FROM tiles_{profile.name}"
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} AS {like} WHERE false")
        cursor.execute(f"{_EMPTY[dialect]} {table}")


def _lessen(
    cursor: DBAPICursor, profile: Profile, statements: _Lessening, few: dict[str, int]
) -> None:
    cursor.execute(statements["stale"], few)
    keys = ", ".join(profile.tile_key)
    stale = f"({keys}) IN (SELECT {keys} FROM stale_{profile.name})"
    cursor.execute(f"DELETE FROM tiles_{profile.name} WHERE {stale}")
    cursor.execute(statements["rebuild"], few)
    if statements["lessen"]:
        cursor.execute(statements["lessen"], few)
