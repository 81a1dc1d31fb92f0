"""Lanes: the habits of a trader, each a supplier, a route and a basket of goods.

Invariant: an honest lane and an offending one share all columns; only `typology` tells.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Floats, Ints
from training.simulation.draw import Pool, by_row, some, weighted
from training.simulation.goods.goods import Goods
from training.simulation.goods.groups import GROUPS, origin_weights
from training.simulation.places import (
    COUNTRIES,
    CURRENCY_WEIGHTS,
    HUBS,
    OFFICE_MODES,
    OFFICE_WEIGHTS,
    country,
    draw_modes,
)
from training.simulation.plans import FOREVER, Ways
from training.simulation.population.partners import Partners
from training.simulation.population.traders import CORE_GOODS, Traders, is_containerised
from training.simulation.typologies import HONEST

BASKET: Final = 5
HUB_SHARE: Final = 0.09  # of lanes that leave from another country than the origin
AIR_SHARES: Final = np.array([group.air_share for group in GROUPS])


@dataclass(frozen=True)
class Lanes(Ways):
    """Habits; codes are positions in the world's lists."""

    importer: Ints
    exporter: Ints
    carrier: Ints
    declarant: Ints
    office: Ints
    origin: Ints
    departure: Ints
    mode: Ints
    currency: Ints
    containerised: Bools
    basket: Ints  # (lanes, BASKET) goods, the usual first
    log_quality: Floats  # added to the log price
    log_size: Floats  # added to the log mass


@dataclass(frozen=True)
class Market:
    """What a lane is drawn from."""

    goods: Goods
    traders: Traders
    exporters: Partners
    carriers: Partners
    declarants: Partners

    def supplier(self, rng: np.random.Generator, countries: Ints) -> Ints:
        """Draw an exporter in each country."""
        return self.exporters.pool(len(COUNTRIES)).draw(rng, countries)

    def haulier(self, rng: np.random.Generator, modes: Ints) -> Ints:
        """Draw a carrier for each transport mode."""
        return self.carriers.pool(6).draw(rng, modes)


def office_pool() -> Pool:
    """Return the customs offices to draw from by transport mode."""
    return Pool.of(OFFICE_MODES, OFFICE_WEIGHTS, 6)


def honest_lanes(rng: np.random.Generator, market: Market, days: int) -> Lanes:
    """Draw the honest lanes of every trader, the large ones having most."""
    traders = market.traders
    counts = 1 + np.minimum(rng.poisson(0.6 + 1.3 * np.sqrt(traders.weight)), 30)
    owner = np.repeat(np.arange(len(traders)), counts)
    basket = draw_baskets(rng, market, owner)
    origin = by_row(rng, origin_weights(), market.goods.group[basket[:, 0]])
    via_hub = rng.choice([country(code) for code in HUBS], len(owner))
    departure = np.where(some(rng, HUB_SHARE, len(owner)), via_hub, origin)
    lanes = draw_lanes(rng, market, owner, basket, np.stack([origin, departure]))
    later = some(rng, 0.35, len(owner)) & (np.diff(owner, prepend=-1) == 0)
    first = np.where(later, rng.uniform(0, days, len(owner)), -FOREVER)
    first = np.maximum(first, np.where(later, traders.entry_day[owner], -FOREVER))
    share = rng.pareto(1.2, len(owner)) + 0.2
    per_trader = np.bincount(owner, weights=share)
    weight = traders.weight[owner] * share / per_trader[owner]
    return replace(lanes, weight=weight, first_day=first)


def draw_baskets(rng: np.random.Generator, market: Market, owner: Ints) -> Ints:
    """Draw each lane's goods: mostly its trader's core, now and then others of the group."""
    shape = (len(owner), BASKET)
    place = weighted(rng, 1.0 / np.arange(1, CORE_GOODS + 1), shape[0] * BASKET).reshape(shape)
    core = market.traders.core_goods[owner[:, None], place]
    groups = np.repeat(market.traders.main_group[owner], BASKET)
    stray = some(rng, 0.12, groups.size)
    groups[stray] = rng.integers(0, len(GROUPS), int(stray.sum()))
    fresh = market.goods.pool().draw(rng, groups).reshape(shape)
    return np.where(some(rng, 0.25, core.size).reshape(shape), fresh, core)


def draw_lanes(
    rng: np.random.Generator, market: Market, owner: Ints, basket: Ints, route: Ints
) -> Lanes:
    """Draw honest lanes, used forever, of these traders, goods and routes (origins, departures)."""
    size, (origin, departure) = len(owner), route
    mode = draw_modes(rng, departure, AIR_SHARES[market.goods.group[basket[:, 0]]])
    seat = np.where(some(rng, 0.85, size), departure, origin)
    return Lanes(
        importer=owner,
        exporter=market.supplier(rng, seat),
        carrier=market.haulier(rng, mode),
        declarant=market.traders.brokers[owner, some(rng, 0.25, size).astype(np.int64)],
        office=office_pool().draw(rng, mode),
        origin=origin,
        departure=departure,
        mode=mode,
        currency=weighted(rng, CURRENCY_WEIGHTS, size),
        containerised=is_containerised(rng, mode),
        basket=basket,
        weight=np.ones(size),
        first_day=np.full(size, -FOREVER),
        last_day=np.full(size, FOREVER),
        log_quality=rng.normal(0, 0.25, size),
        log_size=market.traders.log_size[owner] + rng.normal(0, 0.3, size),
        typology=np.full(size, HONEST),
        organisation=np.full(size, HONEST),
    )
