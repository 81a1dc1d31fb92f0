"""The slow, obvious features: every fact looked at for every record, by the definition."""

from __future__ import annotations

import math

import pandas as pd

from tests.features.oracle.border import PASSAGES, SEARCHES, passage
from tests.features.oracle.customs import CONTROLS, ITEMS, goods
from tests.features.oracle.family import DAY, NEVER, Fact, Family, World, versions
from tests.features.oracle.kinship import ALIASES
from tests.features.oracle.money import SETTLEMENTS, TRANSFERS
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
    """Name the one family that knows a feature ``{entity}__{measure}__{window}d``."""
    entity, measure, _ = name.split("__")
    found = [
        known
        for known, family in FAMILIES.items()
        if entity in family.entities.get(subject, {}) and measure in family.measures
    ]
    if len(found) != 1:
        raise LookupError(f"expected one family of the oracle to know {name}, found {found}")
    return found[0]


def remembered(subject: str, names: list[str], world: World) -> pd.DataFrame:
    """Compute features for every record in force, each at its own instant."""
    kind, derived = _RECORDS[subject]
    asked = [derived(row) for row in versions(world[kind]) if row["until"] == NEVER]
    facts = {name: family.facts(world) for name, family in FAMILIES.items()}
    columns = {}
    for name in names:
        known = family_of(subject, name)
        columns[name] = [
            _feature(subject, name, row, FAMILIES[known], facts[known]) for row in asked
        ]
    return pd.DataFrame(columns, columns=names, dtype=float)


def _feature(subject: str, name: str, record: Fact, family: Family, facts: list[Fact]) -> float:
    entity, measure, window = name.split("__")
    keys, at = family.entities[subject][entity], record["known_at"]
    if any(record[asked] is None for asked in keys.values()):
        return math.nan
    first_day = at.floor("D") - int(window.removesuffix("d")) * DAY
    seen = [
        fact
        for fact in facts
        if first_day <= fact["known_at"] < at <= fact["until"]
        and all(fact[column] == record[asked] for column, asked in keys.items())
        and not (family.subject == subject and fact[family.group] == record[family.group])
    ]
    return family.measures[measure](seen, at)
