"""Registrations of parties, week by week as they become known; old ones with the first week."""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from training.simulation.columns import Ints
from training.simulation.ids import opaque_numbers
from training.simulation.places import COUNTRIES
from training.simulation.population.registrations import Registrations
from training.simulation.rhythm import DAY_US, SECOND_US
from training.simulation.setting import World
from training.simulation.tables.cells import holes, instants, words

MISSING: Final = {"address": 0.05, "registration_number": 0.15, "country": 0.02}


def registered(world: World, week: int) -> Registrations:
    """Return the registrations that become known in a week, in that order."""
    day = world.registrations.entry_day
    first = -np.inf if week == 0 else week * 7
    rows = np.flatnonzero((first <= day) & (day < min(week * 7 + 7, world.rhythm.days)))
    return world.registrations.take(rows[np.argsort(day[rows], kind="stable")])


def party_rows(rng: np.random.Generator, world: World, parties: Registrations) -> dict[str, Any]:
    """Return the columns of these registrations."""
    empty = holes(rng, MISSING, len(parties))
    known = world.rhythm.start_us + _microseconds(parties)
    country = world.society.register.country[parties.party]
    return {
        "party_id": parties.ids,
        "name": pa.array(parties.name, type=pa.string()),
        "occurred_at": instants(known),
        "known_at": instants(known),
        "address": pa.array(parties.address, type=pa.string(), mask=empty["address"]),
        "registration_number": pa.array(
            parties.number, type=pa.string(), mask=empty["registration_number"]
        ),
        "country": words(COUNTRIES, country, empty["country"]),
    }


def party_truth(world: World, parties: Registrations) -> dict[str, Any]:
    """Return which party each identifier belongs to: identifiers of one party share it."""
    return {
        "party_id": parties.ids,
        "entity_id": opaque_numbers("EN", parties.party, world.seed + 5),
    }


def _microseconds(parties: Registrations) -> Ints:
    return (parties.entry_day * DAY_US).astype(np.int64) // SECOND_US * SECOND_US
