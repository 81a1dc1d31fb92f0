"""The simulated world, week by week: trade, selection, inspection, and what offenders learn.

Invariant: a week's records depend on earlier weeks only through what was known by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Ints
from training.simulation.goods import draw_goods
from training.simulation.groups import origin_weights
from training.simulation.ids import reference_numbers, two_digits
from training.simulation.inspection import Controls, inspect
from training.simulation.items import Items, draw_items
from training.simulation.lanes import Lanes, Market, honest_lanes
from training.simulation.offenders import Plans, move_on, open_first, planned_lanes
from training.simulation.places import COUNTRIES
from training.simulation.population import (
    Organisations,
    carrier_places,
    draw_organisations,
    draw_partners,
    draw_traders,
    exporter_places,
    with_brokers,
)
from training.simulation.rhythm import DAY_US, Rhythm
from training.simulation.selection import Selection, risk_points, select
from training.simulation.trade import Declarations, draw_days, draw_declarations
from training.simulation.transport import Transport, draw_transport

TRADERS: Final = 2200  # at scale 1
EXPORTERS: Final = 3500
CARRIERS: Final = 160
DECLARANTS: Final = 130
WEEK_DAYS: Final = 7


@dataclass(frozen=True)
class World:
    """Everything that is drawn once, before the first day."""

    seed: int
    scale: float
    rhythm: Rhythm
    market: Market
    organisations: Organisations
    transport: Transport

    def generator(self, purpose: int, week: int = 0) -> np.random.Generator:
        """Return the random generator of a purpose and week; each is independent."""
        return np.random.default_rng([self.seed, purpose, week])


@dataclass(frozen=True)
class State:
    """What changes from week to week."""

    lanes: Lanes
    plans: Plans
    found: Ints  # offences found, by importer
    number: int  # of declarations so far
    result_number: int  # of results so far
    pending: Controls  # whose results are not known yet


@dataclass(frozen=True)
class Week:
    """What one week adds: what is filed, what is selected of it, and results that became known."""

    index: int
    filed: Declarations
    declaration_ids: npt.NDArray[np.str_]
    items: Items
    selection: Selection
    results: Controls
    first_result: int  # number of the first of these results


def create(rhythm: Rhythm, seed: int, scale: float) -> World:
    """Draw the world that stands before the first day."""
    rng = np.random.default_rng([seed, 0])
    goods, organisations = draw_goods(rng), draw_organisations(rng, scale)
    size = max(80, round(TRADERS * scale))
    traders = draw_traders(rng, goods, organisations, size=size, days=rhythm.days)
    suppliers = exporter_places(rng, origin_weights(), round(EXPORTERS * scale))
    carriers = draw_partners(rng, "CA", carrier_places(rng, round(CARRIERS * scale**0.5)))
    brokers = np.zeros(max(20, round(DECLARANTS * scale**0.5)), dtype=np.int64)
    declarants = draw_partners(rng, "DC", brokers)
    market = Market(
        goods=goods,
        traders=with_brokers(rng, traders, declarants),
        exporters=draw_partners(rng, "EX", suppliers),
        carriers=carriers,
        declarants=declarants,
    )
    return World(seed, scale, rhythm, market, organisations, draw_transport(rng, carriers))


def begin(world: World) -> State:
    """Draw the lanes of honest and hidden trade as they stand on the first day."""
    rng = world.generator(1)
    planned = planned_lanes(rng, world.market, world.organisations)
    plans = Plans.begin(planned, world.organisations)
    planned = open_first(rng, planned, plans)
    lanes = Lanes.stack([planned, honest_lanes(rng, world.market, world.rhythm.days)])
    found = np.zeros(len(world.market.traders), dtype=np.int64)
    return State(lanes, plans, found, 0, 0, Controls.none())


def weeks(world: World) -> Iterator[Week]:
    """Run the world from its first day to its end."""
    state, days = begin(world), world.rhythm.days
    for index, first in enumerate(range(0, days, WEEK_DAYS)):
        week = range(first, min(first + WEEK_DAYS, days))
        record, state = _live(world, state, week, index)
        yield record


def _live(world: World, state: State, days: range, index: int) -> tuple[Week, State]:
    """Live one week: file, select, inspect, then learn what became known."""
    rng, market = world.generator(2, index), world.market
    filed = _file(rng, world, state, days)
    items = draw_items(rng, market.goods, state.lanes, filed, world.rhythm.start_us)
    ids = _declaration_ids(world, filed)
    now_us = world.rhythm.start_us + days.start * DAY_US
    points = risk_points(market, filed, items, state.found, day=days.start)
    selection = select(rng, points)
    controls = Controls.stack([state.pending, inspect(rng, filed, items, selection, ids)])
    known = controls.known_us < now_us + len(days) * DAY_US
    results = controls.take(known)
    results = results.take(np.argsort(results.known_us, kind="stable"))
    week = Week(index, filed, ids, items, selection, results, state.result_number)
    after = replace(
        state,
        number=state.number + len(filed),
        result_number=state.result_number + len(results),
        pending=controls.take(~known),
    )
    return week, _learn(rng, after, results, days.stop)


def _file(rng: np.random.Generator, world: World, state: State, days: range) -> Declarations:
    when = draw_days(rng, world.rhythm, days, world.scale)
    filed = draw_declarations(rng, world.market, state.lanes, world.rhythm, when)
    return replace(filed, number=state.number + np.arange(len(filed)))


def _declaration_ids(world: World, filed: Declarations) -> npt.NDArray[np.str_]:
    years = filed.occurred_us.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64)
    heads = np.char.add(two_digits(1970 + years), COUNTRIES[filed.destination])
    return reference_numbers(heads, filed.number, key=world.seed)


def _learn(rng: np.random.Generator, state: State, results: Controls, day: int) -> State:
    """Let customs remember who was caught, and offenders leave what was found."""
    caught = results.take(results.offence >= 0)
    found = state.found + np.bincount(caught.importer, minlength=len(state.found))
    lanes, plans = move_on(rng, state.lanes, state.plans, caught.lane, day)
    return replace(state, lanes=lanes, plans=plans, found=found)
