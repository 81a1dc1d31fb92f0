"""Hidden offenders: the lanes their organisations plan, use, and abandon after a seizure.

Invariant: what offenders do next depends only on what has been found before.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from training.simulation.columns import Floats, Ints
from training.simulation.draw import by_row, some, weighted
from training.simulation.groups import GROUPS, origin_weights
from training.simulation.lanes import BASKET, Lanes, Market, draw_lanes
from training.simulation.places import country_weights
from training.simulation.population import FOREVER, Organisations
from training.simulation.schemes import SCHEMES

PLANNED: Final = 24  # lanes an organisation has in mind; seized on the last, it falls silent
LIFE_DAYS: Final = 150.0
LEAVING_SHARE: Final = 0.8  # of seizures that make an organisation leave the lane


def planned_lanes(rng: np.random.Generator, market: Market, organisations: Organisations) -> Lanes:
    """Draw the lanes every organisation will use one after another, none of them begun."""
    owner = np.repeat(np.arange(len(organisations)), PLANNED)
    scheme = organisations.scheme[owner]
    basket = _cover_goods(rng, market, scheme)
    lanes = draw_lanes(rng, market, _fronts(market, owner), basket, _routes(rng, scheme))
    return replace(
        lanes,
        weight=organisations.weight[owner],
        first_day=np.full(len(owner), FOREVER),
        scheme=scheme,
        organisation=owner,
    )


def _fronts(market: Market, owner: Ints) -> Ints:
    """Give each lane a front, the oldest first, in turn."""
    organisation, entry = market.traders.organisation, market.traders.entry_day
    in_turn = np.empty(len(owner), dtype=np.int64)
    for each in np.unique(owner):
        fronts = np.flatnonzero(organisation == each)
        fronts = fronts[np.argsort(entry[fronts], kind="stable")]
        in_turn[owner == each] = np.resize(fronts, PLANNED)
    return in_turn


def _cover_goods(rng: np.random.Generator, market: Market, scheme: Ints) -> Ints:
    """Draw the goods a scheme hides among; a misdeclared one must have a cheaper neighbour."""
    goods, basket = market.goods, np.empty((len(scheme), BASKET), dtype=np.int64)
    for number, each in enumerate(SCHEMES):
        named = np.isin(goods.group, [n for n, g in enumerate(GROUPS) if g.name in each.groups])
        usable = named & ((goods.cheaper_neighbour >= 0) | (not each.misdeclared))
        rows = np.flatnonzero(scheme == number)
        drawn = weighted(rng, np.where(usable, goods.weight, 0.0), len(rows) * BASKET)
        basket[rows] = drawn.reshape(-1, BASKET)
    return basket


def _routes(rng: np.random.Generator, scheme: Ints) -> Ints:
    """Draw origins and departures; a fifth of the routes follow the goods' usual origins."""
    origins = np.array([country_weights(each.origins) for each in SCHEMES])
    usual = np.array([_usual_origins(number) for number in range(len(SCHEMES))])
    origin = by_row(rng, origins / origins.sum(1, keepdims=True) + 0.25 * usual, scheme)
    hubs = np.array([country_weights(each.departures or each.origins) for each in SCHEMES])
    through = np.array([bool(each.departures) for each in SCHEMES])[scheme]
    departure = np.where(through & some(rng, 0.8, len(scheme)), by_row(rng, hubs, scheme), origin)
    return np.stack([origin, departure])


def _usual_origins(scheme: int) -> Floats:
    rows = [n for n, group in enumerate(GROUPS) if group.name in SCHEMES[scheme].groups]
    weights = origin_weights()[rows].sum(axis=0)
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Plans:
    """Which planned lane each organisation uses (arrays of one entry an organisation)."""

    current: Ints  # position among the organisation's planned lanes
    first_lane: Ints  # row of its first planned lane in the table of lanes

    @classmethod
    def begin(cls, lanes: Lanes, organisations: Organisations) -> Self:
        """Start every organisation on its first planned lane."""
        rows = np.searchsorted(lanes.organisation, np.arange(len(organisations)))
        return cls(np.zeros(len(organisations), dtype=np.int64), rows.astype(np.int64))

    def rows(self) -> Ints:
        """Return the row of the lane each organisation uses, or will use next."""
        return self.first_lane + self.current


def open_first(rng: np.random.Generator, lanes: Lanes, plans: Plans) -> Lanes:
    """Begin each organisation's first lane at about the first day."""
    days = rng.uniform(-60, 30, len(plans.current))
    return _open(rng, lanes, plans.rows(), days)


def move_on(
    rng: np.random.Generator, lanes: Lanes, plans: Plans, seized: Ints, day: int
) -> tuple[Lanes, Plans]:
    """Let organisations whose lane was seized leave it weeks later, and replace spent lanes.

    Parameters
    ----------
    seized
        Rows of the lanes found out since the last call, repeats allowed.
    day
        Today; what is decided begins today or later.
    """
    last = lanes.last_day.copy()
    leaving = np.intersect1d(np.unique(seized), plans.rows())
    leaving = leaving[some(rng, LEAVING_SHARE, len(leaving))]
    last[leaving] = np.minimum(last[leaving], day + rng.uniform(7, 35, len(leaving)))
    spent = (last[plans.rows()] <= day) & (plans.current < PLANNED - 1)
    plans = replace(plans, current=plans.current + spent)
    begin = day + rng.uniform(0, 28, int(spent.sum()))
    return _open(rng, replace(lanes, last_day=last), plans.rows()[spent], begin), plans


def _open(rng: np.random.Generator, lanes: Lanes, rows: Ints, days: Floats) -> Lanes:
    first, last = lanes.first_day.copy(), lanes.last_day.copy()
    first[rows] = days
    last[rows] = np.maximum(days, 0) + rng.exponential(LIFE_DAYS, len(rows))
    final = np.append(lanes.organisation[1:] != lanes.organisation[:-1], True)
    last[rows[final[rows]]] = FOREVER
    return replace(lanes, first_day=first, last_day=last)
