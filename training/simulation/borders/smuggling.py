"""Runs of hidden persons: a loaded vehicle, a car ahead of it, an empty one before and after.

Invariant: only the loaded crossing carries persons; the others are what it is known by.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.borders.crossings import IN, OUT, PERSON_KG, Crossings, draw_crossings
from training.simulation.borders.routes import Routes, active_routes
from training.simulation.borders.travel import clock
from training.simulation.columns import Columns, Ints
from training.simulation.draw import some
from training.simulation.population.society import CREW, HIRED, Society
from training.simulation.population.vehicles import FLEET, LORRY
from training.simulation.rhythm import DAY_US, SECOND_US
from training.simulation.typologies import trait

FIRMS: Final = 3  # rental firms a crew hires from
GOES_EMPTY: Final = 0.55  # of runs that the same vehicle precedes by going out empty
# The fewest and the most persons in a car, a van, a minibus, a bus and a lorry.
LOADED: Final = np.array([[3, 7], [5, 17], [8, 22], [20, 50], [4, 24]])


@dataclass(frozen=True)
class Runs(Columns):
    """Runs of a week."""

    route: Ints  # row of the routes
    vehicle: Ints
    driver: Ints
    scout: Ints  # vehicle that drives ahead
    occurred_us: Ints


def smuggle(
    rng: np.random.Generator,
    society: Society,
    routes: Routes,
    days: Ints,
    start_us: int,
) -> Crossings:
    """Draw the runs of these days of one week, and the crossings around them."""
    days, route = active_routes(rng, routes, "runs", days)
    runs = _runs(rng, society, routes, route, start_us + days * DAY_US)
    loaded = _loaded(rng, society, routes, runs)
    parts = [loaded, *_around(rng, society, runs, loaded)]
    return Crossings.stack(parts)


def _runs(
    rng: np.random.Generator, society: Society, routes: Routes, route: Ints, midnight_us: Ints
) -> Runs:
    typology, size = routes.typology[route], len(route)
    gangs, gang = np.unique(routes.organisation, return_inverse=True)
    smuggling = trait("border", "runs")[routes.typology] > 0
    order = np.cumsum(np.isin(gangs, routes.organisation[smuggling])) - 1
    crew = order[gang[route]]
    member = rng.integers(0, CREW, size)
    own = society.first_crew + crew * CREW + member
    firm = (crew * FIRMS + rng.integers(0, FIRMS, size)) % (len(society.hired) // HIRED)
    hired = society.hired[firm * HIRED + rng.integers(0, HIRED, size)]
    lorry = _of_carriers(rng, society, crew)
    is_hired = some(rng, trait("border", "rented")[typology], size)
    in_lorry = ~is_hired & some(rng, trait("border", "by_lorry")[typology], size)
    when = clock(rng, rng.normal(13, 5, size), trait("border", "night")[typology])
    return Runs(
        route=route,
        vehicle=np.where(is_hired, hired, np.where(in_lorry, lorry, own)),
        driver=society.vehicles.driver[np.where(in_lorry, lorry, own)],
        scout=society.first_crew + crew * CREW + (member + 1) % CREW,
        occurred_us=midnight_us + when,
    )


def _of_carriers(rng: np.random.Generator, society: Society, crew: Ints) -> Ints:
    """Draw lorries of the carrier whose drivers each crew has bribed."""
    lorries = np.flatnonzero(society.vehicles.vehicle_class == LORRY)
    carrier = crew % (len(lorries) // FLEET)
    return lorries[carrier * FLEET + rng.integers(0, FLEET, len(crew))]


def _loaded(rng: np.random.Generator, society: Society, routes: Routes, runs: Runs) -> Crossings:
    """Return the crossings with persons on board, some of them in sight."""
    when, size = (runs.occurred_us, routes.draw_posts(rng, runs.route)), len(runs)
    drawn = draw_crossings(rng, society.vehicles, runs.vehicle, when, np.full(size, IN))
    fewest, most = LOADED[society.vehicles.vehicle_class[runs.vehicle]].T
    persons = rng.integers(fewest, most + 1)
    typology = routes.typology[runs.route]
    in_sight = some(rng, trait("border", "visible")[typology], size)
    alone = 1 + some(rng, 0.3, size)
    is_lorry = society.vehicles.vehicle_class[runs.vehicle] == LORRY
    kg = society.vehicles.tare_kg[runs.vehicle] + PERSON_KG * (alone + persons)
    kg += np.where(is_lorry, rng.uniform(0, 20_000, size), 0.0)
    return replace(
        drawn,
        driver=runs.driver,
        occupants=np.where(in_sight, alone + persons, alone),
        gross_mass_kg=kg + rng.exponential(60, size),
        typology=typology,
        organisation=routes.organisation[runs.route],
        way=runs.route,
    )


def _around(
    rng: np.random.Generator, society: Society, runs: Runs, loaded: Crossings
) -> list[Crossings]:
    """Return the car ahead, the empty way out before, and the way out again within hours."""
    size, typology = len(runs), loaded.typology
    minutes = rng.lognormal(np.log(9), 0.6, size)
    before, after = rng.uniform(2, 8, size) * 60, rng.lognormal(np.log(2.5), 0.5, size) * 60
    plans = (
        (runs.scout, -minutes, IN, trait("border", "forerunner")[typology]),
        (runs.vehicle, -before, OUT, GOES_EMPTY),
        (runs.vehicle, after, OUT, trait("border", "turns_round")[typology]),
    )
    parts = []
    for vehicle, offset, direction, share in plans:
        when = loaded.occurred_us + (offset * 60).astype(np.int64) * SECOND_US
        drawn = draw_crossings(
            rng, society.vehicles, vehicle, (when, loaded.post), np.full(size, direction)
        )
        driver = np.where(vehicle == runs.scout, drawn.driver, runs.driver)
        drawn = replace(drawn, driver=driver, organisation=loaded.organisation)
        parts.append(drawn.take(some(rng, share, size)))
    return parts
