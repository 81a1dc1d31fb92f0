"""The simulated world, week by week: what happens, what is selected, and what offenders learn.

Invariant: a week's records depend on earlier weeks only through what was known by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from training.simulation.borders.crossings import Crossings
from training.simulation.borders.routes import Routes, planned_routes
from training.simulation.columns import Ints, due
from training.simulation.consignments import Consigned
from training.simulation.control.controls import CROSSING, SHIPMENT, Controls
from training.simulation.control.crossings import (
    AT_THE_BORDER,
    crossing_points,
    inspect_crossings,
)
from training.simulation.control.profile import shipment_points
from training.simulation.control.selection import IN_TRADE, NOTHING, Selection, select
from training.simulation.control.shipments import inspect_shipments
from training.simulation.happenings import happen
from training.simulation.ids import opaque_numbers
from training.simulation.money.payments import Payments
from training.simulation.plans import Plans, move_on, open_first
from training.simulation.rhythm import DAY_US
from training.simulation.setting import World
from training.simulation.trade.filing import Filing
from training.simulation.trade.hidden import planned_lanes
from training.simulation.trade.lanes import Lanes, honest_lanes
from training.simulation.transit.movements import Movements

WEEK_DAYS: Final = 7
WARM_UP_WEEKS: Final = 18  # lived before the first day, so that nothing starts from nothing


@dataclass(frozen=True)
class Waiting:
    """Records that exist and are not known yet, by kind."""

    filings: tuple[Filing, ...] = ()
    movements: tuple[Movements, ...] = ()
    crossings: tuple[Crossings, ...] = ()
    payments: tuple[Payments, ...] = ()
    controls: tuple[Controls, ...] = ()


@dataclass(frozen=True)
class Known:
    """What becomes known in one week, in the order it does."""

    filing: Filing
    movements: Movements
    crossings: Crossings
    crossing_ids: npt.NDArray[np.str_]
    payments: Payments
    payment_ids: npt.NDArray[np.str_]


@dataclass(frozen=True)
class Week(Known):
    """What becomes known in one week, what is selected of it, and results that come in."""

    index: int
    declared_selection: Selection
    crossing_selection: Selection
    results: Controls
    result_ids: npt.NDArray[np.str_]
    ways: tuple[Lanes, Routes]  # as they stood in this week


@dataclass(frozen=True)
class Numbers:
    """How many records of each kind there have been."""

    booked: int = 0
    crossings: int = 0
    payments: int = 0
    results: int = 0

    def after(self, booked: int, week: Week) -> Self:
        """Return the numbers after a week in which so many consignments were booked."""
        return replace(
            self,
            booked=self.booked + booked,
            crossings=self.crossings + len(week.crossings),
            payments=self.payments + len(week.payments),
            results=self.results + len(week.results),
        )


@dataclass(frozen=True)
class State:
    """What changes from week to week."""

    lanes: Lanes
    lane_plans: Plans
    routes: Routes
    route_plans: Plans
    found_importers: Ints  # offences found, by trader
    found_drivers: Ints  # offences found, by person
    waiting: Waiting
    numbers: Numbers


def begin(world: World) -> State:
    """Draw the lanes and routes of honest and hidden life as they stand before the warm-up."""
    rng, first = world.generator(1), -WARM_UP_WEEKS * WEEK_DAYS
    planned = planned_lanes(rng, world.market, world.organisations)
    lane_plans = Plans.of(planned.organisation)
    planned = open_first(rng, planned, lane_plans, first)
    routes = planned_routes(rng, world.organisations, world.society.vehicles)
    route_plans = Plans.of(routes.organisation)
    return State(
        lanes=Lanes.stack([planned, honest_lanes(rng, world.market, world.rhythm.days)]),
        lane_plans=lane_plans,
        routes=open_first(rng, routes, route_plans, first),
        route_plans=route_plans,
        found_importers=np.zeros(len(world.market.traders), dtype=np.int64),
        found_drivers=np.zeros(len(world.society.people), dtype=np.int64),
        waiting=Waiting(),
        numbers=Numbers(),
    )


def weeks(world: World) -> Iterator[Week]:
    """Run the world through its warm-up to its end; the weeks of the warm-up are not given."""
    state, end = begin(world), world.rhythm.days
    for index in range(-WARM_UP_WEEKS, -(-end // WEEK_DAYS)):
        days = range(index * WEEK_DAYS, min((index + 1) * WEEK_DAYS, end))
        week, state = _live(world, state, days, index)
        if index >= 0:
            yield week


def _live(world: World, state: State, days: range, index: int) -> tuple[Week, State]:
    """Live one week: what happens joins what waits; what is known by its end is given."""
    rng = world.generator(2, index + WARM_UP_WEEKS)
    until_us = world.rhythm.start_us + days.stop * DAY_US
    new = happen(rng, world, (state.lanes, state.routes), days, state.numbers.booked)
    known, waiting = _become_known(world, state, new, until_us)
    controls = _control(rng, world, state, known, index)
    results, awaited = due(state.waiting.controls, controls.drawn, until_us)
    week = Week(
        **known.__dict__,
        index=index,
        declared_selection=controls.declared,
        crossing_selection=controls.crossed,
        results=results,
        result_ids=_ids("IN", state.numbers.results, len(results), world.seed + 1),
        ways=(state.lanes, state.routes),
    )
    numbers = state.numbers.after(len(new.filing), week)
    after = replace(state, waiting=replace(waiting, controls=awaited), numbers=numbers)
    return week, _learn(rng, after, results, days.stop)


def _become_known(
    world: World, state: State, new: Consigned, until_us: int
) -> tuple[Known, Waiting]:
    """Part what is known by now of what is new and what waited, from what waits on."""
    waiting, numbers, seed = state.waiting, state.numbers, world.seed
    filing, filings = Filing.stack([*waiting.filings, new.filing]).due(until_us)
    movements, moved = due(waiting.movements, new.movements, until_us)
    crossings, crossed = due(waiting.crossings, new.crossings, until_us)
    payments, paid = due(waiting.payments, new.payments, until_us)
    known = Known(
        filing=filing,
        movements=movements,
        crossings=crossings,
        crossing_ids=_ids("CX", numbers.crossings, len(crossings), seed + 3),
        payments=payments,
        payment_ids=_ids("PY", numbers.payments, len(payments), seed + 4),
    )
    return known, Waiting((filings,), moved, crossed, paid)


@dataclass(frozen=True)
class _Controlled:
    declared: Selection
    crossed: Selection
    drawn: Controls


def _control(
    rng: np.random.Generator, world: World, state: State, known: Known, index: int
) -> _Controlled:
    """Select and inspect what became known; nobody inspects during the warm-up."""
    day, halfway = index * WEEK_DAYS, world.rhythm.days / 2
    points = shipment_points(world.market, known.filing, state.found_importers, day=day)
    declared = select(rng, points, IN_TRADE if index >= 0 else NOTHING)
    points = crossing_points(
        world.society, known.crossings, state.found_drivers, reviewed=day >= halfway
    )
    crossed = select(rng, points, AT_THE_BORDER if index >= 0 else NOTHING)
    drawn = [
        inspect_shipments(rng, known.filing, declared),
        inspect_crossings(rng, known.crossings, known.crossing_ids, crossed),
    ]
    return _Controlled(declared, crossed, Controls.stack(drawn))


def _ids(head: str, first: int, size: int, key: int) -> npt.NDArray[np.str_]:
    return opaque_numbers(head, first + np.arange(size), key)


def _learn(rng: np.random.Generator, state: State, results: Controls, day: int) -> State:
    """Let the agencies remember who was caught, and offenders leave what was found."""
    caught = results.take(results.offence >= 0)
    in_trade, on_road = caught.subject == SHIPMENT, caught.subject == CROSSING
    by_lane, by_route = caught.way[caught.is_lane], caught.way[~caught.is_lane]
    lanes, lane_plans = move_on(rng, state.lanes, state.lane_plans, by_lane, day)
    routes, route_plans = move_on(rng, state.routes, state.route_plans, by_route, day)
    return replace(
        state,
        lanes=lanes,
        lane_plans=lane_plans,
        routes=routes,
        route_plans=route_plans,
        found_importers=_counted(state.found_importers, caught.actor[in_trade]),
        found_drivers=_counted(state.found_drivers, caught.actor[on_road]),
    )


def _counted(found: Ints, actors: Ints) -> Ints:
    return np.asarray(found + np.bincount(actors, minlength=len(found)))
