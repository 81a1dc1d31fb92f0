"""A week of consignments: who books, along which lane, and with how many items.

Invariant: all items of a declaration share its parties, route and instants.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Columns, Dated, Floats, Ints
from training.simulation.draw import some, weighted
from training.simulation.ids import container_ids
from training.simulation.population.vehicles import FLEET
from training.simulation.rhythm import DAY_US, Rhythm
from training.simulation.trade.lanes import Lanes, Market, office_pool
from training.simulation.typologies import HONEST, TYPOLOGIES, trait

DECLARATIONS_A_DAY: Final = 126.0  # at scale 1
ONE_OFF_SHARE: Final = 0.06  # of declarations with a supplier, office or carrier out of habit


@dataclass(frozen=True)
class Declarations(Dated):
    """Declarations; codes are positions in the world's lists."""

    id: npt.NDArray[np.str_]
    lane: Ints
    importer: Ints
    exporter: Ints
    carrier: Ints
    vehicle: Ints
    declarant: Ints
    office: Ints
    origin: Ints
    departure: Ints
    destination: Ints
    mode: Ints
    currency: Ints
    container: npt.NDArray[np.str_]  # empty: none
    occurred_us: Ints
    item_count: Ints
    typology: Ints  # -1: honest


@dataclass(frozen=True)
class Bookings(Columns):
    """What is agreed weeks before it is declared; the fields are those of a declaration."""

    lane: Ints
    importer: Ints
    exporter: Ints
    carrier: Ints
    vehicle: Ints
    declarant: Ints
    office: Ints
    origin: Ints
    departure: Ints
    destination: Ints
    mode: Ints
    currency: Ints
    container: npt.NDArray[np.str_]
    booked_us: Ints
    item_count: Ints
    typology: Ints


def choose_lanes(
    rng: np.random.Generator, market: Market, lanes: Lanes, day: int, size: int
) -> Ints:
    """Draw a lane for each consignment: first honest or which typology, then by lanes' weight."""
    usable = lanes.active(day) & market.traders.active(day)[lanes.importer]
    weight = np.where(usable, lanes.weight, 0.0)
    shares = trait("cover", "share")[:-1]
    chosen = weighted(rng, np.append(shares, 1 - shares.sum()), size)
    found = np.empty(size, dtype=np.int64)
    for number in range(len(TYPOLOGIES) + 1):
        rows = np.flatnonzero(chosen == number)
        kind = number if number < len(TYPOLOGIES) else HONEST
        own = np.where(lanes.typology == kind, weight, 0.0)
        own = own if own.any() else np.where(lanes.typology == HONEST, weight, 0.0)
        found[rows] = weighted(rng, own, len(rows)) if len(rows) else 0
    return found


def draw_bookings(
    rng: np.random.Generator, market: Market, lanes: Lanes, rhythm: Rhythm, days: Ints
) -> Bookings:
    """Draw the consignments booked on these days of one week."""
    size = len(days)
    lane = choose_lanes(rng, market, lanes, int(days.min(initial=rhythm.days)), size)
    used = lanes.take(lane)
    carrier = _out_of_habit(rng, used.carrier, market.haulier(rng, used.mode))
    importer = _split(rng, market, used, int(days.min(initial=rhythm.days)))
    containers = container_ids(rng, size)
    return Bookings(
        lane=lane,
        importer=importer,
        exporter=_out_of_habit(rng, used.exporter, market.supplier(rng, used.departure)),
        carrier=carrier,
        vehicle=carrier * FLEET + weighted(rng, 1.0 / np.arange(1, FLEET + 1), size),
        declarant=used.declarant,
        office=_out_of_habit(rng, used.office, office_pool().draw(rng, used.mode)),
        origin=used.origin,
        departure=used.departure,
        destination=market.traders.country[importer],
        mode=used.mode,
        currency=used.currency,
        container=np.where(used.containerised, containers, ""),
        booked_us=rhythm.instants(rng, days),
        item_count=np.minimum(rng.geometric(0.44, size), 6 + (rng.random(size) < 0.02) * 6),
        typology=used.typology,
    )


def _split(rng: np.random.Generator, market: Market, used: Lanes, day: int) -> Ints:
    """Return the importers, those of a split typology drawn among the owner's fronts by then."""
    importer = used.importer.copy()
    rows = np.flatnonzero(trait("cover", "split")[used.typology] > 0)
    drawn = market.traders.fronts().draw(rng, used.organisation[rows])
    founded = market.traders.active(day)[drawn]
    importer[rows] = np.where(founded, drawn, importer[rows])
    return importer


def _out_of_habit(rng: np.random.Generator, usual: Ints, other: Ints) -> Ints:
    return np.where(some(rng, ONE_OFF_SHARE, len(usual)), other, usual)


def years_since(start_us: int, instants_us: Ints) -> Floats:
    """Return the time since the start in years of 365 days."""
    return (instants_us - start_us) / (365.0 * DAY_US)
