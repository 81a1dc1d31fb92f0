"""A week of declarations: who files, along which lane, and with how many items.

Invariant: all items of a declaration share its parties, route and instants.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import some, weighted
from training.simulation.lanes import Lanes, Market, office_pool
from training.simulation.rhythm import DAY_US, Rhythm, filing_delays
from training.simulation.schemes import HONEST, SCHEMES

DECLARATIONS_A_DAY: Final = 126.0  # at scale 1
VEHICLES: Final = 12  # of a carrier
ONE_OFF_SHARE: Final = 0.06  # of declarations with a supplier, office or carrier out of habit


@dataclass(frozen=True)
class Declarations(Columns):
    """The declarations of a week; codes are positions in the world's lists."""

    number: Ints  # running, over the whole simulation
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
    containerised: Bools
    occurred_us: Ints
    known_us: Ints
    item_count: Ints
    scheme: Ints  # -1: honest


def draw_days(rng: np.random.Generator, rhythm: Rhythm, week: range, scale: float) -> Ints:
    """Draw the day of each declaration of a week."""
    days = np.arange(week.start, week.stop)
    counts = rng.poisson(rhythm.activity(days) * DECLARATIONS_A_DAY * scale)
    return np.repeat(days, counts)


def choose_lanes(
    rng: np.random.Generator, market: Market, lanes: Lanes, day: int, size: int
) -> Ints:
    """Draw a lane for each declaration: first honest or which scheme, then by the lanes' weight."""
    usable = lanes.active(day) & market.traders.active(day)[lanes.importer]
    weight = np.where(usable, lanes.weight, 0.0)
    shares = np.array([scheme.share for scheme in SCHEMES])
    chosen = weighted(rng, np.append(shares, 1 - shares.sum()), size)
    found = np.empty(size, dtype=np.int64)
    for number in range(len(SCHEMES) + 1):
        rows = np.flatnonzero(chosen == number)
        kind = number if number < len(SCHEMES) else HONEST
        own = np.where(lanes.scheme == kind, weight, 0.0)
        own = own if own.any() else np.where(lanes.scheme == HONEST, weight, 0.0)
        found[rows] = weighted(rng, own, len(rows))
    return found


def draw_declarations(
    rng: np.random.Generator, market: Market, lanes: Lanes, rhythm: Rhythm, days: Ints
) -> Declarations:
    """Draw the declarations filed on these days of one week, numbered from 0 as they are known."""
    size = len(days)
    lane = choose_lanes(rng, market, lanes, int(days.min(initial=rhythm.days)), size)
    used = lanes.take(lane)
    occurred = rhythm.instants(rng, days)
    carrier = _out_of_habit(rng, used.carrier, market.haulier(rng, used.mode))
    drawn = Declarations(
        number=np.arange(size),
        lane=lane,
        importer=used.importer,
        exporter=_out_of_habit(rng, used.exporter, market.supplier(rng, used.departure)),
        carrier=carrier,
        vehicle=carrier * VEHICLES + weighted(rng, 1.0 / np.arange(1, VEHICLES + 1), size),
        declarant=used.declarant,
        office=_out_of_habit(rng, used.office, office_pool().draw(rng, used.mode)),
        origin=used.origin,
        departure=used.departure,
        destination=market.traders.country[used.importer],
        mode=used.mode,
        currency=used.currency,
        containerised=used.containerised,
        occurred_us=occurred,
        known_us=occurred + filing_delays(rng, size),
        item_count=np.minimum(rng.geometric(0.44, size), 6 + (rng.random(size) < 0.02) * 6),
        scheme=used.scheme,
    )
    known = drawn.take(drawn.known_us < rhythm.end_us)
    return known.take(np.argsort(known.known_us, kind="stable"))


def _out_of_habit(rng: np.random.Generator, usual: Ints, other: Ints) -> Ints:
    return np.where(some(rng, ONE_OFF_SHARE, len(usual)), other, usual)


def years_since(start_us: int, instants_us: Ints) -> Floats:
    """Return the time since the start in years of 365 days."""
    return (instants_us - start_us) / (365.0 * DAY_US)
