"""Crossings as an agency files them: a row a vehicle or person at a post."""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from training.simulation.borders.crossings import SCALE_STEP_KG
from training.simulation.columns import Bools
from training.simulation.places import COUNTRIES, POSTS
from training.simulation.population.vehicles import CLASSES, ON_FOOT
from training.simulation.setting import World
from training.simulation.tables.cells import holes, identifiers, instants, numbers, words
from training.simulation.world import Week

MISSING: Final = {
    "vehicle_id": 0.03, "vehicle_class": 0.02, "driver_id": 0.05, "driver_nationality": 0.06,
    "occupants": 0.07, "gross_mass_kg": 0.3, "carrier_id": 0.12, "declaration_id": 0.06,
}  # fmt: skip


def crossing_rows(rng: np.random.Generator, world: World, week: Week) -> dict[str, Any]:
    """Return the columns of a week's crossings."""
    crossed, society, size = week.crossings, world.society, len(week.crossings)
    empty, vehicles, people = holes(rng, MISSING, size), society.vehicles, society.people
    classes = vehicles.vehicle_class[crossed.vehicle]
    mass = np.round(crossed.gross_mass_kg / SCALE_STEP_KG) * SCALE_STEP_KG
    driver = society.register.ids[society.offsets.people + crossed.driver]
    return {
        "crossing_id": week.crossing_ids,
        "post_id": words(POSTS, crossed.post),
        "occurred_at": instants(crossed.occurred_us),
        "known_at": instants(crossed.known_us),
        "direction": words(np.array(["in", "out"]), crossed.direction),
        "vehicle_id": identifiers(vehicles.ids[crossed.vehicle], empty["vehicle_id"]),
        "vehicle_class": words(CLASSES, classes, empty["vehicle_class"]),
        "driver_id": identifiers(driver, empty["driver_id"]),
        "driver_nationality": words(
            COUNTRIES, people.nationality[crossed.driver], empty["driver_nationality"]
        ),
        "occupants": pa.array(crossed.occupants, mask=empty["occupants"]),
        "gross_mass_kg": numbers(mass, empty["gross_mass_kg"] | (classes == ON_FOOT)),
        "carrier_id": _keepers(rng, world, week, empty["carrier_id"]),
        "declaration_id": identifiers(crossed.declaration_id, empty["declaration_id"]),
    }


def _keepers(rng: np.random.Generator, world: World, week: Week, missing: Bools) -> pa.Array:
    """Return the keeper of each vehicle, under the identifier it goes by; nobody keeps feet."""
    keeper = world.society.vehicles.keeper[week.crossings.vehicle]
    named = world.naming.ids(rng, np.maximum(keeper, 0), week.index * 7)
    return identifiers(named, missing | (keeper < 0))
