"""Honest travel: commuters, shoppers, visitors, couriers, coaches, there and back.

Invariant: a trip comes back by the same driver in the same vehicle.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from training.simulation.borders.crossings import IN, OUT, Crossings, draw_crossings
from training.simulation.columns import Floats, Ints
from training.simulation.draw import some, weighted
from training.simulation.places import COUNTRIES, MEMBERS, POST_WEIGHTS
from training.simulation.population.habits import of_habit
from training.simulation.population.society import Society
from training.simulation.population.vehicles import LORRY
from training.simulation.rhythm import DAY_US, SECOND_US, Rhythm

TRIPS_A_DAY: Final = 94.0  # at scale 1, without those that go along
OTHER_POST: Final = 0.12  # of trips, and of ways back
OTHER_DRIVER: Final = 0.14
TOGETHER: Final = 0.07  # of trips made with another vehicle, minutes apart


def travel(rng: np.random.Generator, society: Society, rhythm: Rhythm, days: Ints) -> Crossings:
    """Draw the trips that begin on these days, with their ways back."""
    vehicles = society.vehicles
    weight = np.where(vehicles.entry_day <= days.min(initial=0), vehicles.weight, 0.0)
    vehicle = weighted(rng, weight, len(days))
    post = elsewhere(rng, vehicles.post[vehicle])
    when = rhythm.start_us + days * DAY_US + begin(rng, vehicles.habit[vehicle])
    home = society.people.home[vehicles.driver[vehicle]]
    direction = np.where(home >= len(COUNTRIES) - len(MEMBERS), OUT, IN)
    trips = draw_crossings(rng, vehicles, vehicle, (when, post), direction)
    trips = replace(trips, driver=_drivers(rng, society, trips.vehicle))
    trips = Crossings.stack([trips, _along(rng, society, trips)])
    return Crossings.stack([trips, _back(rng, society, trips)])


def elsewhere(rng: np.random.Generator, usual: Ints) -> Ints:
    """Return the usual posts, now and then another."""
    other = weighted(rng, POST_WEIGHTS, len(usual))
    return np.where(some(rng, OTHER_POST, len(usual)), other, usual)


def begin(rng: np.random.Generator, habit: Ints) -> Ints:
    """Draw when in the day trips of these habits begin, in microseconds."""
    by_day = rng.normal(of_habit("hour")[habit], of_habit("hour_spread")[habit])
    return clock(rng, by_day, of_habit("night")[habit])


def clock(rng: np.random.Generator, by_day: Floats, night: float | Floats) -> Ints:
    """Return microseconds since midnight: these hours, or an hour of the night at that chance."""
    size = len(by_day)
    hour = np.where(some(rng, night, size), rng.uniform(21, 28.5, size), by_day) % 24
    return (hour * 3600).astype(np.int64) * SECOND_US


def _drivers(rng: np.random.Generator, society: Society, vehicle: Ints) -> Ints:
    """Return who drives: the usual driver or a relative; whoever hired what is for hire."""
    size, usual = len(vehicle), society.vehicles.driver[vehicle]
    relative = np.minimum(usual ^ 1, len(society.people) - 1)
    driver = np.where(some(rng, OTHER_DRIVER, size), relative, usual)
    hirer = society.vehicles.driver[rng.choice(society.private, size)]
    return np.where(np.isin(vehicle, society.hired), hirer, driver)


def _along(rng: np.random.Generator, society: Society, trips: Crossings) -> Crossings:
    """Let some vehicles go along with a trip: friends and families, the second car of a house."""
    chosen = trips.take(some(rng, TOGETHER, len(trips)))
    other = chosen.vehicle ^ 1
    known = (other < len(society.vehicles)) & ~np.isin(chosen.vehicle, society.hired)
    chosen, other = chosen.take(known), other[known]
    road = (society.vehicles.vehicle_class[other] >= 0) & (
        society.vehicles.vehicle_class[other] != LORRY
    )
    chosen, other = chosen.take(road), other[road]
    later = (
        chosen.occurred_us + (rng.exponential(420, len(chosen)) + 15).astype(np.int64) * SECOND_US
    )
    when = (later, chosen.post)
    return draw_crossings(rng, society.vehicles, other, when, chosen.direction)


def _back(rng: np.random.Generator, society: Society, trips: Crossings) -> Crossings:
    vehicles, habit = society.vehicles, society.vehicles.habit[trips.vehicle]
    spread = of_habit("stay_spread")[habit]
    hours = of_habit("stay_hours")[habit] * np.exp(spread * rng.normal(size=len(trips)))
    later = trips.occurred_us + (hours * 3600).astype(np.int64) * SECOND_US
    when = (later, elsewhere(rng, trips.post))
    back = draw_crossings(rng, vehicles, trips.vehicle, when, 1 - trips.direction)
    return replace(back, driver=trips.driver)
