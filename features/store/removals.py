"""Statements that take the facts of touched groups out of tiles and pairs.

To make a tile anew reads every fact of its key and day, and a port may have a hundred thousand of
them by the evening. So from a tile of many facts what went is taken away, unless that would leave
anything but what the others merge to. ``gone_<profile>`` are the tiles of what went alone,
``stale_<profile>`` the keys and days that are made anew: temporary tables.

Invariant: counts and extremes are as if made anew; a sum keeps the rounding of a sum.
"""

from __future__ import annotations

from features.components import Component
from features.facts import Facts
from features.profiles import Profile
from features.store.merges import FOUND_FIRST, tiles_of
from features.store.statements import EVERY, touched

__all__ = ["find_gone", "find_stale", "lessen_tiles"]


def find_gone(profile: Profile, dialect: str) -> str:
    """Keep the tiles of the touched groups' facts, which are about to go."""
    columns = ", ".join(profile.tile_schema())
    tiles = tiles_of(profile, _among_touched(profile.relation), dialect, FOUND_FIRST)
    return f"INSERT INTO gone_{profile.name} ({columns}) {tiles}"


def _among_touched(facts: Facts) -> str:
    every = EVERY.format(table=f"facts_{facts.name}")
    return f"{every} WHERE {facts.group} IN (SELECT name FROM {touched(facts.name)})"


def find_stale(profile: Profile) -> str:
    """Keep the keys and days from which what went cannot be taken away, once it has gone.

    Parameter ``:few`` is the number of facts below which a tile is made anew in any case.
    """
    same = f"f.{profile.keys[0]} = gone.{profile.keys[0]} AND f.day = gone.day"
    facts = f"SELECT 1 FROM facts_{profile.facts} AS f WHERE {same} LIMIT :few"
    counts = [part for part in profile.components if _is_count(part)]
    nothing_left = " AND ".join(f"t.{part.name} = gone.{part.name}" for part in counts)
    reasons = [
        f"(SELECT COUNT(*) FROM ({facts}) AS found) < :few",
        *([nothing_left] if counts else []),
        *(_cannot_lessen(part) for part in profile.components if not _is_count(part)),
    ]
    return (
        f"INSERT INTO stale_{profile.name} "
        f"SELECT {_keys(profile, 'gone')} FROM gone_{profile.name} AS gone "
        f"JOIN tiles_{profile.name} AS t ON {_same(profile, 't', 'gone')} "
        f"WHERE {' OR '.join(f'({reason})' for reason in reasons)}"
    )


def _is_count(part: Component) -> bool:
    return part.merge == "sum" and part.type == "int64"


def _cannot_lessen(part: Component) -> str:
    """Say when what went cannot be taken from an extreme or a sum of fractions."""
    tile, gone = f"t.{part.name}", f"gone.{part.name}"
    if part.merge == "sum":
        # What is left must outweigh what went, or digits of it were lost when that was added.
        return f"{tile} = {gone} OR ABS({tile} - {gone}) < ABS({gone})"
    return f"{gone} {'<=' if part.merge == 'min' else '>='} {tile}"


def lessen_tiles(profile: Profile) -> str | None:
    """Take what went from the tiles that are not stale; None where nothing in them adds up."""
    sums = [part.name for part in profile.components if part.merge == "sum"]
    if not sums:
        return None
    less = ", ".join(f"{name} = COALESCE(t.{name} - gone.{name}, t.{name})" for name in sums)
    stale = f"SELECT {', '.join(profile.tile_key)} FROM stale_{profile.name}"
    return (
        f"UPDATE tiles_{profile.name} AS t SET {less} FROM gone_{profile.name} AS gone "
        f"WHERE {_same(profile, 't', 'gone')} AND ({_keys(profile, 'gone')}) NOT IN ({stale})"
    )


def _keys(profile: Profile, table: str) -> str:
    return ", ".join(f"{table}.{key}" for key in profile.tile_key)


def _same(profile: Profile, one: str, other: str) -> str:
    return " AND ".join(f"{one}.{key} = {other}.{key}" for key in profile.tile_key)
