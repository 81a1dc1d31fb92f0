"""All that happens in a week, whenever it becomes known: trade, travel, money.

Invariant: honest and hidden life go on beside each other and touch the same posts and accounts.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from training.simulation.borders.crossings import Crossings
from training.simulation.borders.escorts import (
    AGENCY_OUTINGS_A_DAY,
    ROWS_OF_OUTING,
    Outings,
    draw_outings,
    escort,
)
from training.simulation.borders.freight import PASSING_A_DAY, passing
from training.simulation.borders.routes import Routes
from training.simulation.borders.smuggling import smuggle
from training.simulation.borders.travel import TRIPS_A_DAY, travel
from training.simulation.consignments import Consigned, consign
from training.simulation.money.everyday import EVERYDAY_A_DAY, everyday
from training.simulation.money.laundering import launder
from training.simulation.money.payments import Payments
from training.simulation.money.wages import travel_payments
from training.simulation.rhythm import DAY_US, any_days
from training.simulation.setting import World
from training.simulation.trade.lanes import Lanes
from training.simulation.typologies import trait

CROSSINGS_A_DAY: Final = 274.0  # at scale 1; what a typology's shares are shares of


def happen(
    rng: np.random.Generator,
    world: World,
    ways: tuple[Lanes, Routes],
    week: range,
    first_number: int,
) -> Consigned:
    """Draw the records of a week: its consignments, and everybody else's crossings and payments."""
    lanes, routes = ways
    consigned = consign(rng, world, lanes, week, first_number)
    outings = _outings(rng, world, routes, week)
    crossings = [consigned.crossings, *_crossings(rng, world, routes, week)]
    crossings.append(escort(rng, world.society, outings))
    payments = [consigned.payments, *_payments(rng, world, week)]
    payments.append(travel_payments(rng, world.society, outings))
    start_us = world.rhythm.start_us + week.start * DAY_US
    crossed = Crossings.stack(crossings)
    return replace(
        consigned,
        crossings=crossed.take(crossed.occurred_us >= start_us),
        payments=Payments.stack(payments),
    )


def _outings(rng: np.random.Generator, world: World, routes: Routes, week: range) -> Outings:
    hidden = float(trait("border", "escorts").sum()) * CROSSINGS_A_DAY / ROWS_OF_OUTING
    days = [any_days(rng, week, a_day * world.scale) for a_day in (AGENCY_OUTINGS_A_DAY, hidden)]
    return draw_outings(rng, world.society, routes, (days[0], days[1]), world.rhythm.start_us)


def _crossings(
    rng: np.random.Generator, world: World, routes: Routes, week: range
) -> list[Crossings]:
    runs = float(trait("border", "runs").sum()) * CROSSINGS_A_DAY
    trips, loads, hauls = (
        any_days(rng, week, a_day * world.scale) for a_day in (TRIPS_A_DAY, runs, PASSING_A_DAY)
    )
    society, rhythm = world.society, world.rhythm
    return [
        travel(rng, society, rhythm, trips),
        smuggle(rng, society, routes, loads, rhythm.start_us),
        passing(rng, society.vehicles, rhythm, hauls),
    ]


def _payments(rng: np.random.Generator, world: World, week: range) -> list[Payments]:
    society, rhythm = world.society, world.rhythm
    days = rhythm.working_days(rng, week, EVERYDAY_A_DAY * world.scale)
    return [
        everyday(rng, society, world.relations, days, rhythm.start_us),
        launder(rng, society, world.organisations, rhythm, week),
    ]
