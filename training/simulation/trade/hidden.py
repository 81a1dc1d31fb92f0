"""The lanes of trade that hidden organisations plan.

Invariant: a hidden lane is drawn as an honest one is; a typology only picks goods and routes.
"""

from dataclasses import replace

import numpy as np

from training.simulation.columns import Floats, Ints
from training.simulation.draw import by_row, some, weighted
from training.simulation.goods.groups import GROUPS, origin_weights
from training.simulation.places import country_weights
from training.simulation.plans import FOREVER, PLANNED
from training.simulation.population.organisations import Organisations
from training.simulation.trade.lanes import BASKET, Lanes, Market, draw_lanes
from training.simulation.typologies import TYPOLOGIES


def planned_lanes(rng: np.random.Generator, market: Market, organisations: Organisations) -> Lanes:
    """Draw the lanes every organisation will use one after another, none of them begun."""
    trading = np.flatnonzero(organisations.rate("cover", "share") > 0)
    owner = np.repeat(trading, PLANNED)
    typology = organisations.typology[owner]
    basket = _cover_goods(rng, market, typology)
    lanes = draw_lanes(rng, market, _fronts(market, owner), basket, _routes(rng, typology))
    return replace(
        lanes,
        weight=organisations.weight[owner],
        first_day=np.full(len(owner), FOREVER),
        typology=typology,
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


def _cover_goods(rng: np.random.Generator, market: Market, typology: Ints) -> Ints:
    """Draw the goods a typology hides among; a misdeclared one must have a cheaper neighbour."""
    goods, basket = market.goods, np.empty((len(typology), BASKET), dtype=np.int64)
    for number, each in enumerate(TYPOLOGIES):
        named = np.isin(
            goods.group, [n for n, g in enumerate(GROUPS) if g.name in each.cover.groups]
        )
        usable = named & ((goods.cheaper_neighbour >= 0) | (not each.cover.misdeclared))
        rows = np.flatnonzero(typology == number)
        if not len(rows):
            continue
        drawn = weighted(rng, np.where(usable, goods.weight, 0.0), len(rows) * BASKET)
        basket[rows] = drawn.reshape(-1, BASKET)
    return basket


def _routes(rng: np.random.Generator, typology: Ints) -> Ints:
    """Draw origins and departures; a fifth of the routes follow the goods' usual origins."""
    origins = np.array([country_weights(each.cover.origins) for each in TYPOLOGIES])
    usual = np.array([_usual_origins(number) for number in range(len(TYPOLOGIES))])
    origin = by_row(
        rng, origins / np.maximum(origins.sum(1, keepdims=True), 1.0) + 0.25 * usual, typology
    )
    hubs = np.array(
        [country_weights(each.cover.departures or each.cover.origins) for each in TYPOLOGIES]
    )
    through = np.array([bool(each.cover.departures) for each in TYPOLOGIES])[typology]
    departure = np.where(
        through & some(rng, 0.8, len(typology)), by_row(rng, hubs, typology), origin
    )
    return np.stack([origin, departure])


def _usual_origins(typology: int) -> Floats:
    rows = [n for n, group in enumerate(GROUPS) if group.name in TYPOLOGIES[typology].cover.groups]
    weights = origin_weights()[rows].sum(axis=0)
    return np.asarray(weights / max(weights.sum(), 1.0))
