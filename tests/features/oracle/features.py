"""The slow, obvious features: every fact looked at for every record, by the definition."""

from __future__ import annotations

import math

import pandas as pd

from tests.features.oracle.border import PASSAGES, SEARCHES, passage
from tests.features.oracle.customs import CONTROLS, ITEMS, goods
from tests.features.oracle.family import DAY, NEVER, Fact, Family, World, versions
from tests.features.oracle.kinship import ALIASES
from tests.features.oracle.money import SETTLEMENTS, TRANSFERS
from tests.features.oracle.neighbours import neighbours_of
from tests.features.oracle.transit import EVENTS, TRANSITS

FAMILIES = {
    "items": ITEMS,
    "controls": CONTROLS,
    "passages": PASSAGES,
    "searches": SEARCHES,
    "events": EVENTS,
    "transits": TRANSITS,
    "transfers": TRANSFERS,
    "settlements": SETTLEMENTS,
    "aliases": ALIASES,
}
# Of each subject, the kind of its records and what is derived from one.
_RECORDS = {"shipments": ("declarations", goods), "crossings": ("crossings", passage)}


def family_of(subject: str, name: str) -> str:
    """Name the one family that knows a feature ``{entity}__{measure}__{window}d``.

    Of what is known of others, the one in which they met.
    """
    entity, measure, _ = name.split("__")
    found = [
        known
        for known, family in FAMILIES.items()
        if entity in family.entities.get(subject, {}) and measure in family.measures
    ]
    others = neighbours_of(name)
    found += [others[0].met] if others else []
    if len(found) != 1:
        raise LookupError(f"expected one family of the oracle to know {name}, found {found}")
    return found[0]


def remembered(subject: str, names: list[str], world: World) -> pd.DataFrame:
    """Compute features for every record in force, each at its own instant."""
    kind, derived = _RECORDS[subject]
    asked = [derived(row) for row in versions(world[kind]) if row["until"] == NEVER]
    facts = {name: family.facts(world) for name, family in FAMILIES.items()}
    columns = {name: [_feature(subject, name, row, facts) for row in asked] for name in names}
    return pd.DataFrame(columns, columns=names, dtype=float)


def _feature(subject: str, name: str, record: Fact, facts: dict[str, list[Fact]]) -> float:
    entity, measure, window = name.split("__")
    family = family_of(subject, name)
    keys = FAMILIES[family].entities[subject][entity]
    if any(record[asked] is None for asked in keys.values()):
        return math.nan
    days = int(window.removesuffix("d"))

    def seen(family: str, named: Fact) -> list[Fact]:
        about = [fact for fact in facts[family] if named.items() <= fact.items()]
        return _visible(FAMILIES[family], about, subject, record, days)

    dealt = seen(family, {column: record[asked] for column, asked in keys.items()})
    if others := neighbours_of(name):
        neighbours, measure = others
        named = {fact[neighbours.other] for fact in dealt} - {None}
        each = [seen(neighbours.known, {neighbours.key: other}) for other in named]
        return neighbours.measures[measure](each)
    return FAMILIES[family].measures[measure](dealt, record["known_at"])


def _visible(
    family: Family, facts: list[Fact], subject: str, record: Fact, days: int
) -> list[Fact]:
    """Give what a record sees in a window: what was known and in force, and is not its own."""
    at = record["known_at"]
    first_day = at.floor("D") - days * DAY
    return [
        fact
        for fact in facts
        if first_day <= fact["known_at"] < at <= fact["until"]
        and not (family.subject == subject and fact[family.group] == record[family.group])
    ]
