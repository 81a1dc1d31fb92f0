"""Statements that merge facts into tiles and pairs, compiled from the profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import ibis

from features.facts import FACTS
from features.pairs import Pairs
from features.profiles import Profile
from features.store.statements import EVERY, NEW, compiled

__all__ = [
    "FOUND_FIRST",
    "into_tiles",
    "merge_pairs",
    "merge_tiles",
    "pairs_of",
    "rebuild_pairs",
    "rebuild_tiles",
    "remake_pairs",
    "remake_tiles",
    "tiles_of",
]

# Else SQLite runs through every fact in the order of an index, to group those it looks for.
FOUND_FIRST = "MATERIALIZED "


class _Into(NamedTuple):
    """A table, what tells its rows apart, and how its other columns merge."""

    table: str
    keys: tuple[str, ...]
    merges: Mapping[str, str]


def merge_tiles(profile: Profile, dialect: str, *, by_instant: bool = False) -> str:
    """Merge a batch's facts into a profile's tiles; parameters ``:seq`` and ``:batch``.

    Parameters
    ----------
    by_instant : bool
        Whether the facts of each instant are merged into the tiles by themselves, instead of all
        of a day together: quicker where there are few of them, as when one call's became known.
        PostgreSQL does not let one statement change a row twice.
    """
    source = _facts(profile.facts, dialect) + NEW
    return into_tiles(profile, tiles_of(profile, source, dialect, by_instant=by_instant), dialect)


def remake_tiles(profile: Profile, dialect: str) -> str:
    """Fill a profile's tiles, which are empty, from every fact."""
    facts = _facts(profile.facts, dialect)
    return into_tiles(profile, tiles_of(profile, facts, dialect), dialect)


def rebuild_tiles(profile: Profile, dialect: str) -> str:
    """Make the tiles anew whose keys and days stand in ``stale_<profile>``, a temporary table."""
    same = _by_first(profile.keys, "stale", dialect)
    source = (
        f"SELECT facts.* FROM stale_{profile.name} AS stale "
        f"JOIN facts_{profile.facts} AS facts ON {same}"
    )
    return into_tiles(profile, tiles_of(profile, source, dialect, FOUND_FIRST), dialect)


def merge_pairs(kept: Pairs, dialect: str) -> str:
    """Merge a batch's facts into pairs; parameters ``:seq`` and ``:batch``."""
    return pairs_of(kept, _facts(kept.facts, dialect) + NEW, dialect)


def remake_pairs(kept: Pairs, dialect: str) -> str:
    """Fill pairs, of which there are none, from every fact."""
    return pairs_of(kept, _facts(kept.facts, dialect), dialect)


def rebuild_pairs(kept: Pairs, profile: Profile, dialect: str) -> str:
    """Make the pairs anew that stand in ``gone_<profile>``, from the last day that each has."""
    same = " AND ".join(f"tiles.{key} = stale.{key}" for key in kept.keys)
    keys = ", ".join(f"stale.{key}" for key in kept.keys)
    stale = f"SELECT DISTINCT {', '.join(kept.keys)} FROM gone_{profile.name}"
    last = (
        f"SELECT {keys}, MAX(tiles.day) AS day FROM ({stale}) AS stale "
        f"JOIN tiles_{profile.name} AS tiles ON {same} GROUP BY {keys}"
    )
    found = _by_first(kept.keys, "last", dialect)
    source = f"SELECT facts.* FROM ({last}) AS last JOIN facts_{kept.facts} AS facts ON {found}"
    return pairs_of(kept, source, dialect, FOUND_FIRST)


def _by_first(keys: Sequence[str], table: str, dialect: str) -> str:
    """Compare facts with rows of another table by keys and day, found by the first of the keys."""
    # SQLite takes the index of any key, and a country's or an office's is of a whole day's facts.
    bare = "+" if dialect == "sqlite" else ""
    first, *others = (f"facts.{key} = {table}.{key}" for key in keys)
    return " AND ".join((first, f"facts.day = {table}.day", *(bare + other for other in others)))


def _facts(name: str, dialect: str) -> str:
    by_row = " NOT INDEXED" if dialect == "sqlite" else ""
    return EVERY.format(table=f"facts_{name}{by_row}")


def tiles_of(
    profile: Profile, source: str, dialect: str, hint: str = "", *, by_instant: bool = False
) -> str:
    """Select what the facts of a source merge to, in the order of the tiles' columns."""
    instants = profile.instants(ibis.table(profile.relation.columns, name="given_facts"))
    merged = instants if by_instant else profile.tiles(instants)
    tiles = merged.select(*profile.tile_schema())
    return compiled(tiles, dialect, {"given_facts": source}, hint)


def into_tiles(profile: Profile, query: str, dialect: str) -> str:
    """Merge the rows of a query, which has the tiles' columns, into a profile's tiles."""
    merges = {part.name: part.merge for part in profile.components}
    into = _Into(f"tiles_{profile.name}", profile.tile_key, merges)
    return _merged(into, query, dialect)


def pairs_of(kept: Pairs, source: str, dialect: str, hint: str = "") -> str:
    """Merge the facts of a source into pairs."""
    found = kept.of(ibis.table(FACTS[kept.facts].columns, name="given_facts"))
    into = _Into(f"pairs_{kept.name}", kept.keys, {"last_at": "max"})
    return _merged(into, compiled(found, dialect, {"given_facts": source}, hint), dialect)


def _merged(into: _Into, query: str, dialect: str) -> str:
    columns = ", ".join((*into.keys, *into.merges))
    merged = ", ".join(
        _merge(into.table, name, merge, dialect) for name, merge in into.merges.items()
    )
    return (
        f"INSERT INTO {into.table} ({columns}) SELECT {columns} FROM ({query}) AS fresh WHERE true "
        f"ON CONFLICT ({', '.join(into.keys)}) DO UPDATE SET {merged}"
    )


def _merge(table: str, name: str, merge: str, dialect: str) -> str:
    kept, new = f"{table}.{name}", f"excluded.{name}"
    either = f"COALESCE({kept}, {new}), COALESCE({new}, {kept})"
    if merge == "sum":
        return f"{name} = COALESCE({kept} + {new}, {kept}, {new})"
    pick = {"min": "LEAST", "max": "GREATEST"}[merge]
    return f"{name} = {merge.upper() if dialect == 'sqlite' else pick}({either})"
