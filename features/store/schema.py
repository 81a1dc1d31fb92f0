"""The store's tables, derived from the kinds of record, the facts and the profiles.

Instants are whole microseconds since 1970 UTC. A record is kept in versions: ``superseded_at`` is
the instant from which another version holds. ``seq`` orders rows by arrival, ``batch`` names the
transaction that wrote them. Records, scores and keys change by migrations; tables derived from the
records, facts, tiles and pairs, follow the declarations by themselves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from features.catalog import feature_set
from features.circles import Circle
from features.facts import FACTS, SUBJECTS, Facts
from features.pairs import Pairs
from features.profiles import Profile
from features.records import KINDS, Kind

__all__ = [
    "access_keys",
    "derived_tables",
    "feature_names",
    "found_by",
    "metadata",
    "pairs",
    "profiles",
    "properties",
    "scores",
    "shadow_scores",
]

metadata = MetaData(naming_convention={"uq": "%(table_name)s_%(column_0_N_name)s"})

_PLAIN = {str: Text, int: BigInteger, float: Double, bool: Boolean, datetime: BigInteger}
_NAMED = {"string": Text, "int64": BigInteger, "float64": Double, "boolean": Boolean}
_Sequence = BigInteger().with_variant(Integer, "sqlite")


def _records(kind: Kind) -> Table:
    fields: list[Column[Any]] = [
        Column(
            name,
            _PLAIN[plain],
            nullable=not (kind.fields[name].is_required() or plain is bool),
            server_default=false() if plain is bool else None,
        )
        for name, plain in kind.types.items()
    ]
    return Table(
        kind.name,
        metadata,
        Column("seq", _Sequence, primary_key=True, autoincrement=True),
        Column("batch", BigInteger, nullable=False),
        *fields,
        Column("content_hash", Text, nullable=False),
        Column("superseded_at", BigInteger),
        Index(f"{kind.name}_identity", *kind.identity, "known_at", unique=True),
        *(Index(f"{kind.name}_{name}", name) for name in kind.indexed),
        sqlite_autoincrement=True,
    )


def _facts(facts: Facts) -> Table:
    return Table(
        f"facts_{facts.name}",
        metadata,
        Column("seq", _Sequence, primary_key=True, autoincrement=True),
        Column("batch", BigInteger, nullable=False),
        *(Column(name, _NAMED[kind]) for name, kind in facts.columns.items()),
        *(Index(f"facts_{facts.name}_{name}", *columns) for name, columns in found_by(facts)),
        _loose_index(facts),
        *(_loose_index(facts, key) for key in looked_up_by(facts.name)),
        sqlite_autoincrement=True,
    )


def found_by(facts: Facts) -> list[tuple[str, tuple[str, ...]]]:
    """Name the indexes by which settled facts are found, with their columns.

    The day comes first: what arrives is mostly of one day, so that its entries lie on few pages.
    """
    keys = (key for key in looked_up_by(facts.name) if key != facts.group)
    return [("group", (facts.group,)), *((f"day_{key}", ("day", key)) for key in keys)]


def _loose_index(facts: Facts, *keys: str) -> Index:
    is_loose = text("until IS NOT NULL")
    name = "_".join((f"facts_{facts.name}_loose", *keys))
    return Index(name, *keys, "until", sqlite_where=is_loose, postgresql_where=is_loose)


def _tiles(profile: Profile) -> Table:
    keys = profile.tile_key
    return Table(
        f"tiles_{profile.name}",
        metadata,
        *(
            Column(name, _NAMED[kind], nullable=name not in keys)
            for name, kind in profile.tile_schema().items()
        ),
        PrimaryKeyConstraint(*keys),
        sqlite_with_rowid=False,
    )


def _pairs(kept: Pairs) -> Table:
    columns: list[Column[Any]] = [
        Column(name, _NAMED[kind], nullable=False) for name, kind in kept.schema.items()
    ]
    return Table(
        f"pairs_{kept.name}",
        metadata,
        *columns,
        PrimaryKeyConstraint(*kept.keys),
        sqlite_with_rowid=False,
    )


@cache
def profiles() -> tuple[Profile, ...]:
    """Every profile that tiles are kept of, each once.

    Where several ask for the same keys over the same facts, one has the measures of all.
    """
    kept: dict[str, Profile] = {}
    for subject in SUBJECTS:
        for profile in feature_set(subject).tiled:
            earlier = kept.get(profile.name, profile)
            measures = dict.fromkeys((*earlier.measures, *profile.measures))
            kept[profile.name] = replace(profile, measures=tuple(measures))
    return tuple(kept.values())


@cache
def pairs() -> dict[Pairs, Profile]:
    """Every sort of pair that is kept, with the profile whose tiles have its days."""
    circles = (
        entry
        for subject in SUBJECTS
        for entry in feature_set(subject).looked_up
        if isinstance(entry, Circle)
    )
    named = {profile.name: profile for profile in profiles()}
    return {circle.pairs: named[circle.relation.links.name] for circle in circles}


@cache
def looked_up_by(facts: str) -> tuple[str, ...]:
    """Columns by which facts are looked up; of a pair of keys, the first."""
    keys = (profile.keys[0] for profile in profiles() if profile.facts == facts)
    return tuple(dict.fromkeys(keys))


for _kind in KINDS.values():
    _records(_kind)
for _entry in FACTS.values():
    _facts(_entry)
for _profile in profiles():
    _tiles(_profile)
for _kept in pairs():
    _pairs(_kept)


def _scores(name: str, *one_of: str) -> Table:
    return Table(
        name,
        metadata,
        Column("score_id", Text, primary_key=True),
        Column("subject", Text, nullable=False),
        Column("record_id", Text, nullable=False),
        Column("item_number", Integer),
        Column("content_hash", Text, nullable=False),
        Column("known_at", BigInteger, nullable=False),
        Column("scored_at", BigInteger, nullable=False),
        Column("model_version", Text, nullable=False),
        Column("fingerprint", Text, nullable=False),
        Column("risk", Double, nullable=False),
        Column("log_odds", Double, nullable=False),
        Column("base_value", Double, nullable=False),
        Column("channel", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("features", Text, nullable=False),
        Column("filed", Boolean, nullable=False, server_default=true()),
        Column("names_id", Text),
        UniqueConstraint("subject", "record_id", "content_hash", *one_of),
    )


scores = _scores("scores")
shadow_scores = _scores("shadow_scores", "model_version")

feature_names = Table(
    "feature_names",
    metadata,
    Column("names_id", Text, primary_key=True),
    Column("names", Text, nullable=False),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("key_hash", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("post", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

derived_tables = Table(
    "derived_tables",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
)

properties = Table(
    "properties",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
