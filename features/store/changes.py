"""Statements that change tiles and pairs by what was told of touched groups before and after.

To make a tile anew reads every fact of its key and day, and a port may have a hundred thousand of
them by the evening. So of a tile with many facts what went is taken away, and what came is merged
into it, unless that would leave anything but what all of its facts merge to. ``before_<profile>``
and ``after_<profile>`` are the tiles of the touched groups' facts alone, ``stale_<profile>`` the
keys and days that are made anew: temporary tables.

Invariant: counts and extremes are as if made anew; a sum keeps the rounding of a sum.
"""

from __future__ import annotations

from features.components import Component
from features.facts import FACTS, Facts
from features.pairs import Pairs
from features.profiles import Profile
from features.store.merges import FOUND_FIRST, into_tiles, pairs_of, tiles_of
from features.store.statements import EVERY

__all__ = [
    "SIDES",
    "find_stale",
    "lessen_tiles",
    "merge_after",
    "merge_touched_pairs",
    "touched_tiles",
]

SIDES = ("before", "after")


def touched_tiles(profile: Profile, side: str, dialect: str) -> str:
    """Keep the tiles of the touched groups' facts, as they are now, as those before or after."""
    columns = ", ".join(profile.tile_schema())
    tiles = tiles_of(profile, _touched(profile.relation), dialect, FOUND_FIRST)
    return f"INSERT INTO {side}_{profile.name} ({columns}) {tiles}"


def find_stale(profile: Profile) -> str:
    """Keep the keys and days of which something went that cannot be taken away.

    Parameter ``:few`` is the number of facts below which a tile is made anew in any case.
    """
    table = f"facts_{profile.facts}"
    found = f"f.{profile.keys[0]} = b.{profile.keys[0]} AND f.day = b.day"
    few = f"(SELECT COUNT(*) FROM (SELECT 1 FROM {table} AS f WHERE {found} LIMIT :few)) < :few"
    counts = [part for part in profile.components if part.type == "int64" and part.merge == "sum"]
    nothing_left = " AND ".join(f"t.{part.name} = b.{part.name}" for part in counts)
    reasons = [few, *filter(None, [nothing_left]), *map(_cannot_lessen, profile.components)]
    return (
        f"INSERT INTO stale_{profile.name} SELECT {_keys(profile, 'b')} "
        f"FROM before_{profile.name} AS b "
        f"JOIN tiles_{profile.name} AS t ON {_same(profile, 't', 'b')} "
        f"LEFT JOIN after_{profile.name} AS a ON {_same(profile, 'a', 'b')} "
        f"WHERE {' OR '.join(f'({reason})' for reason in reasons if reason)}"
    )


def _cannot_lessen(part: Component) -> str | None:
    """Say when what went cannot be taken from a component, so that nothing wrong is left."""
    tile, gone, came = (f"{table}.{part.name}" for table in "tba")
    if part.merge == "sum":
        if part.type == "int64":
            return None
        # What is left must outweigh what went, or digits of it were lost when that was added.
        return f"{tile} = {gone} OR ABS({tile} - {gone}) < ABS({gone})"
    beyond = {"min": "<=", "max": ">="}[part.merge]
    return f"{gone} {beyond} {tile} AND NOT COALESCE({came} {beyond} {gone}, FALSE)"


def lessen_tiles(profile: Profile) -> str | None:
    """Take away what was before from the tiles that are not stale; None where nothing adds up."""
    sums = [part.name for part in profile.components if part.merge == "sum"]
    if not sums:
        return None
    less = ", ".join(f"{name} = COALESCE(t.{name} - b.{name}, t.{name})" for name in sums)
    return (
        f"UPDATE tiles_{profile.name} AS t SET {less} FROM before_{profile.name} AS b "
        f"WHERE {_same(profile, 't', 'b')} AND NOT {_is_stale(profile, 'b')}"
    )


def merge_after(profile: Profile, dialect: str) -> str:
    """Merge what is there after into the tiles that are not stale."""
    columns = ", ".join(profile.tile_schema())
    query = f"SELECT {columns} FROM after_{profile.name} AS a WHERE NOT {_is_stale(profile, 'a')}"
    return into_tiles(profile, query, dialect)


def merge_touched_pairs(kept: Pairs, dialect: str) -> str:
    """Merge the touched groups' facts, as they are now, into pairs."""
    return pairs_of(kept, _touched(FACTS[kept.facts]), dialect, FOUND_FIRST)


def _touched(facts: Facts) -> str:
    return f"{EVERY.format(table=f'facts_{facts.name}')} WHERE {facts.group} IN (SELECT name FROM touched)"


def _keys(profile: Profile, table: str) -> str:
    return ", ".join(f"{table}.{key}" for key in profile.tile_key)


def _same(profile: Profile, one: str, other: str) -> str:
    return " AND ".join(f"{one}.{key} = {other}.{key}" for key in profile.tile_key)


def _is_stale(profile: Profile, table: str) -> str:
    same = _same(profile, "s", table)
    return f"EXISTS (SELECT 1 FROM stale_{profile.name} AS s WHERE {same})"
