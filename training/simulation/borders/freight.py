"""Lorries at the border: with declared goods, on their way back, and about other business.

Invariant: a crossing of declared goods is of the vehicle its declaration names.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from training.simulation.borders.crossings import IN, OUT, Crossings, draw_crossings
from training.simulation.borders.travel import clock, elsewhere
from training.simulation.columns import Floats, Ints
from training.simulation.draw import some
from training.simulation.population.vehicles import FLEET, LORRY, Vehicles
from training.simulation.rhythm import DAY_US, SECOND_US, Rhythm
from training.simulation.trade.declarations import Declarations
from training.simulation.transit.journeys import Journeys
from training.simulation.transit.loads import LORRY_LOAD_KG, Loads
from training.simulation.typologies import HONEST, OFFENCE_OF_TYPOLOGY, OFFENCES

PASSING_A_DAY: Final = 22.0  # at scale 1
RELIEF_SHARE: Final = 0.2  # of journeys driven by another driver of the carrier
RETURN_SHARE: Final = 0.75  # of lorries that cross back by the same post within a week
LADEN_BACK: Final = 0.45  # of these, with a load for abroad
# What a control at the border can find on board of a lorry; a false invoice is not on board.
ON_BOARD: Final = [OFFENCES.index(name) for name in ("weapons", "drugs", "contraband")]


def freight(
    rng: np.random.Generator,
    vehicles: Vehicles,
    filed: Declarations,
    journeys: Journeys,
    loads: Loads,
) -> Crossings:
    """Return the crossings of a week's consignments by road, and of the lorries going home."""
    rows = np.flatnonzero(journeys.post >= 0)
    filed, journeys, loads = filed.take(rows), journeys.take(rows), loads.take(rows)
    when = (journeys.border_us, journeys.post)
    into = draw_crossings(rng, vehicles, filed.vehicle, when, np.full(len(rows), IN))
    offends = np.isin(OFFENCE_OF_TYPOLOGY[filed.typology], ON_BOARD)
    load = np.minimum(loads.loaded_kg, LORRY_LOAD_KG)
    into = replace(
        into,
        driver=_relieved(rng, into.driver, len(rows)),
        gross_mass_kg=into.gross_mass_kg + load,
        declaration_id=filed.id,
        typology=np.where(offends, filed.typology, HONEST),
        way=np.where(offends, filed.lane, -1),
    )
    return Crossings.stack(
        [into, home(rng, vehicles, into.take(some(rng, RETURN_SHARE, len(rows))))]
    )


def _relieved(rng: np.random.Generator, driver: Ints, size: int) -> Ints:
    """Let the carrier's next driver drive now and then: drivers of a fleet lie together."""
    return np.where(some(rng, RELIEF_SHARE, size), driver // FLEET * FLEET, driver)


def home(rng: np.random.Generator, vehicles: Vehicles, into: Crossings) -> Crossings:
    """Return lorries crossing back, half a day to a week later."""
    size = len(into)
    hours = rng.lognormal(np.log(30), 0.8, size).clip(3, 170)
    when = (into.occurred_us + (hours * 3600).astype(np.int64) * SECOND_US, into.post)
    back = draw_crossings(rng, vehicles, into.vehicle, when, np.full(size, OUT))
    return replace(
        back, driver=into.driver, gross_mass_kg=back.gross_mass_kg + _load(rng, LADEN_BACK, size)
    )


def _load(rng: np.random.Generator, share: float, size: int) -> Floats:
    kg = rng.uniform(2_000, 24_000, size)
    return np.where(some(rng, share, size), kg, 0.0)


def passing(rng: np.random.Generator, vehicles: Vehicles, rhythm: Rhythm, days: Ints) -> Crossings:
    """Return lorries about other business on these days, empty or laden, one way and back."""
    size = len(days)
    lorries = rng.choice(np.flatnonzero(vehicles.vehicle_class == LORRY), size)
    begun = clock(rng, rng.normal(11, 5, size), 0.25)
    when = (rhythm.start_us + days * DAY_US + begun, elsewhere(rng, vehicles.post[lorries]))
    into = draw_crossings(rng, vehicles, lorries, when, np.full(size, IN))
    laden = replace(into, gross_mass_kg=into.gross_mass_kg + _load(rng, 0.6, size))
    return Crossings.stack([laden, home(rng, vehicles, laden)])
