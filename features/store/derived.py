"""Tables made from the records: facts, tiles and pairs, kept true to the declarations they follow.

Beside each stands the fingerprint of what it was made by; where the catalogue declares it otherwise
now, it is made anew from the records. So adding a feature needs no migration.
"""

from __future__ import annotations

import hashlib

import ibis
from sqlalchemy import Connection, MetaData, Table, delete, insert, select, text

from features.errors import TidewaiterError
from features.facts import FACTS
from features.pairs import Pairs
from features.profiles import Profile
from features.records import KINDS
from features.store.compiled import compiled_once
from features.store.engine import driven
from features.store.merges import remake_pairs, remake_tiles
from features.store.past import outdate
from features.store.schema import derived_tables, found_by, metadata, pairs, profiles
from features.store.statements import given_records, remake_facts

__all__ = [
    "check_definitions",
    "definitions",
    "facts_fingerprint",
    "remake",
    "stale_tables",
    "tiles_fingerprint",
]

# What a connection remembers of its last look at the definitions.
_CHECKED = "definitions_checked"


@compiled_once
def definitions() -> dict[str, str]:
    """Fingerprint what each derived table is made by; facts before what is made from them."""
    made = {f"facts_{name}": facts_fingerprint(name) for name in FACTS}
    tiles = {
        f"tiles_{profile.name}": tiles_fingerprint(profile, made[f"facts_{profile.facts}"])
        for profile in profiles()
    }
    return (
        made
        | tiles
        | {
            f"pairs_{kept.name}": _pairs_fingerprint(kept, made[f"facts_{kept.facts}"])
            for kept in pairs()
        }
    )


def facts_fingerprint(name: str) -> str:
    """Fingerprint what a relation of facts is made by."""
    facts = FACTS[name]
    expression = facts.of({kind: given_records(kind) for kind in facts.kinds})
    return _digest(repr(expression), found_by(facts), *facts.columns.items())


def tiles_fingerprint(profile: Profile, facts: str) -> str:
    """Fingerprint what a profile's tiles hold, given its facts' fingerprint; wording is no part."""
    instants = profile.instants(ibis.table(profile.relation.columns, name="facts"))
    merges = [(part.name, part.type, part.merge) for part in profile.components]
    return _digest(facts, profile.keys, merges, repr(profile.tiles(instants)))


def _pairs_fingerprint(kept: Pairs, facts: str) -> str:
    return _digest(facts, kept.keys, repr(kept.of(ibis.table(FACTS[kept.facts].columns, "facts"))))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def stale_tables(connection: Connection) -> tuple[str, ...]:
    """Name the derived tables that are missing, made otherwise, or declared no more."""
    kept = _kept(connection)
    wanted = definitions()
    changed = [name for name, digest in wanted.items() if kept.get(name) != digest]
    return (*changed, *(name for name in kept if name not in wanted))


def check_definitions(connection: Connection) -> None:
    """Refuse to write beside another version of Tidewaiter, whose tables these are by now."""
    made = _last_made(connection)
    if made is not None and made == connection.info.get(_CHECKED):
        return
    if _kept(connection) != definitions():
        raise TidewaiterError(
            "the store's features have been declared anew since this process opened it;"
            " restart the process with the version that declared them"
        )
    connection.info[_CHECKED] = made


def _last_made(connection: Connection) -> int | None:
    """Tell what changes whenever a table is made, where that is quicker than to look at each."""
    if connection.dialect.name != "sqlite":
        return None
    with driven(connection) as cursor:
        cursor.execute("PRAGMA schema_version")
        ((version,),) = cursor.fetchall()
    return int(version)


def remake(connection: Connection) -> None:
    """Make every stale table anew from the records, in the caller's transaction."""
    wanted = definitions()
    filled = _holds_records(connection)
    for name in stale_tables(connection):
        Table(name, MetaData()).drop(connection, checkfirst=True)
        connection.execute(delete(derived_tables).where(derived_tables.c.name == name))
        if name in wanted:
            metadata.tables[name].create(connection)
            if filled:
                _fill(connection, name)
            row = {"name": name, "fingerprint": wanted[name]}
            connection.execute(insert(derived_tables), row)


def _holds_records(connection: Connection) -> bool:
    firsts = (select(metadata.tables[kind].c.seq).limit(1) for kind in KINDS)
    return any(connection.execute(first).first() for first in firsts)


def _fill(connection: Connection, table: str) -> None:
    dialect = connection.dialect.name
    sort, _, name = table.partition("_")
    if sort == "facts":
        outdate(connection)
        connection.execute(remake_facts(name, dialect), {"batch": 0})
        return
    if sort == "tiles":
        (profile,) = (profile for profile in profiles() if profile.name == name)
        connection.execute(text(remake_tiles(profile, dialect)))
        return
    (kept,) = (kept for kept in pairs() if kept.name == name)
    connection.execute(text(remake_pairs(kept, dialect)))


def _kept(connection: Connection) -> dict[str, str]:
    with driven(connection) as cursor:
        cursor.execute("SELECT name, fingerprint FROM derived_tables")
        return dict(cursor.fetchall())
