"""Crossings of border posts, as every part of the simulation makes them.

Invariant: a crossing has one driver and at most one vehicle, each of them of the population.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Dated, Floats, Ints
from training.simulation.draw import some
from training.simulation.population.vehicles import BUS, LORRY, MINIBUS, ON_FOOT, VAN, Vehicles
from training.simulation.rhythm import SECOND_US
from training.simulation.typologies import HONEST

IN, OUT = 0, 1
PERSON_KG: Final = 78.0
SCALE_STEP_KG: Final = 20.0  # what a weighbridge reads to
# Median kilograms of luggage or goods in each class, and their spread as a logarithm.
CARGO_KG: Final = np.array([60.0, 380.0, 160.0, 700.0, 0.0, 0.0])
CARGO_SPREAD: Final = np.array([0.8, 0.9, 0.7, 0.4, 0.0, 0.0])


@dataclass(frozen=True)
class Crossings(Dated):
    """Vehicles and persons at road posts; codes are positions in the world's lists."""

    occurred_us: Ints
    post: Ints
    direction: Ints
    vehicle: Ints  # a person on foot has one without a number
    driver: Ints
    occupants: Ints
    gross_mass_kg: Floats
    declaration_id: npt.NDArray[np.str_]  # empty: none
    typology: Ints  # of what is on board, -1: honest
    organisation: Ints  # who runs it, -1: nobody
    way: Ints  # its lane or route, where it offends; else -1


def draw_crossings(
    rng: np.random.Generator,
    vehicles: Vehicles,
    vehicle: Ints,
    when: tuple[Ints, Ints],
    direction: Ints,
) -> Crossings:
    """Draw honest crossings of these vehicles by their own drivers, `when` at which posts."""
    occurred, post = when
    size, classes = len(vehicle), vehicles.vehicle_class[vehicle]
    occupants = draw_occupants(rng, classes)
    cargo = CARGO_KG[classes] * np.exp(CARGO_SPREAD[classes] * rng.normal(size=size))
    return Crossings(
        known_us=known_when(rng, occurred),
        occurred_us=occurred,
        post=post,
        direction=direction,
        vehicle=vehicle,
        driver=vehicles.driver[vehicle],
        occupants=occupants,
        gross_mass_kg=vehicles.tare_kg[vehicle] + PERSON_KG * occupants + cargo,
        declaration_id=np.full(size, "", dtype="U18"),
        typology=np.full(size, HONEST),
        organisation=vehicles.organisation[vehicle],
        way=np.full(size, -1),
    )


def known_when(rng: np.random.Generator, occurred_us: Ints) -> Ints:
    """Draw when crossings become known: in seconds, some when a post's line works again."""
    size = len(occurred_us)
    delayed = some(rng, 0.04, size)
    seconds = np.where(delayed, rng.uniform(600, 14_400, size), rng.lognormal(2.5, 0.7, size) + 1)
    return occurred_us + seconds.astype(np.int64) * SECOND_US


def draw_occupants(rng: np.random.Generator, classes: Ints) -> Ints:
    """Draw how many are on board, the driver among them; a few vehicles are overcrowded."""
    size = len(classes)
    found = 1 + rng.binomial(4, 0.28, size)
    found = np.where(classes == VAN, 1 + rng.binomial(2, 0.3, size), found)
    found = np.where((classes == VAN) & some(rng, 0.1, size), rng.integers(4, 10, size), found)
    found = np.where(classes == MINIBUS, 2 + rng.binomial(7, 0.62, size), found)
    found = np.where(
        (classes == MINIBUS) & some(rng, 0.06, size), rng.integers(10, 14, size), found
    )
    found = np.where(classes == BUS, 8 + rng.binomial(45, 0.6, size), found)
    found = np.where(classes == LORRY, 1 + some(rng, 0.15, size), found)
    return np.where(classes == ON_FOOT, 1, found)
