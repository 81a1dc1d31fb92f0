"""A week of consignments: booked, carried, declared, and all the records they leave behind.

Invariant: every record of a consignment names the same declaration, vehicle and parties.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from training.simulation.borders.crossings import Crossings
from training.simulation.borders.freight import freight
from training.simulation.columns import Ints
from training.simulation.ids import reference_numbers, two_digits
from training.simulation.money.payments import Payments
from training.simulation.money.settlements import settle
from training.simulation.places import COUNTRIES
from training.simulation.rhythm import filing_delays
from training.simulation.setting import World
from training.simulation.trade.declarations import (
    DECLARATIONS_A_DAY,
    Bookings,
    Declarations,
    draw_bookings,
)
from training.simulation.trade.filing import Filing
from training.simulation.trade.items import draw_items
from training.simulation.trade.lanes import Lanes
from training.simulation.transit.journeys import Journeys, draw_journeys
from training.simulation.transit.loads import draw_loads
from training.simulation.transit.movements import Movements, draw_movements


@dataclass(frozen=True)
class Consigned:
    """The records of a week's consignments, whenever they become known."""

    filing: Filing
    movements: Movements
    crossings: Crossings
    payments: Payments


def consign(
    rng: np.random.Generator, world: World, lanes: Lanes, week: range, first_number: int
) -> Consigned:
    """Draw the consignments booked in a week, numbered from `first_number`."""
    days = world.rhythm.working_days(rng, week, DECLARATIONS_A_DAY * world.scale)
    booked = draw_bookings(rng, world.market, lanes, world.rhythm, days)
    group = world.market.goods.group[lanes.basket[booked.lane, 0]]
    journeys = draw_journeys(rng, booked, world.corridors, group, world.rhythm)
    number = first_number + np.arange(len(booked))
    declared = _declare(rng, world, booked, journeys, number)
    items = draw_items(rng, world.market.goods, lanes, declared, world.rhythm.start_us)
    filing = Filing(declared, items)
    loads = draw_loads(rng, filing)
    ids = _references(journeys.departed_us, booked.departure, number, world.seed + 2)
    vehicles = world.society.vehicles
    drawn = Consigned(
        filing=filing,
        movements=draw_movements(rng, declared, journeys, loads, ids),
        crossings=freight(rng, vehicles, declared, journeys, loads),
        payments=settle(rng, world.society, world.payers, filing, booked.booked_us),
    )
    began_before = journeys.departed_us < world.rhythm.start_us
    return _forgetting(drawn, declared.id[began_before])


def _forgetting(drawn: Consigned, ids: npt.NDArray[np.str_]) -> Consigned:
    """Leave out movements begun before the first day, and references to what preceded it."""
    moved = ~np.isin(drawn.movements.declaration_id, ids)
    return replace(
        drawn,
        movements=drawn.movements.take(moved),
        crossings=replace(
            drawn.crossings, declaration_id=_without(ids, drawn.crossings.declaration_id)
        ),
        payments=replace(
            drawn.payments, declaration_id=_without(ids, drawn.payments.declaration_id)
        ),
    )


def _without(ids: npt.NDArray[np.str_], named: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    return np.where(np.isin(named, ids), "", named)


def _declare(
    rng: np.random.Generator, world: World, booked: Bookings, journeys: Journeys, number: Ints
) -> Declarations:
    """Write the declarations of the bookings."""
    shared = {f.name for f in fields(Declarations)} & {f.name for f in fields(Bookings)}
    return Declarations(
        **{name: getattr(booked, name) for name in shared},
        id=_references(journeys.declared_us, booked.destination, number, world.seed),
        occurred_us=journeys.declared_us,
        known_us=journeys.declared_us + filing_delays(rng, len(booked)),
    )


def _references(instants_us: Ints, country: Ints, number: Ints, key: int) -> npt.NDArray[np.str_]:
    """Return reference numbers with the year and the country of their issue."""
    years = instants_us.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64)
    heads = np.char.add(two_digits(1970 + years), COUNTRIES[country])
    return reference_numbers(heads, number, key=key)
