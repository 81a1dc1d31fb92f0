"""Who trades: honest importers, and the fronts among them.

Invariant: a front is drawn as honest traders are; an organisation only picks among the draws.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import Pool, by_row, weighted
from training.simulation.goods.goods import Goods
from training.simulation.goods.groups import GROUPS
from training.simulation.places import AIR, COUNTRIES, MARITIME, MEMBER_WEIGHTS, MEMBERS
from training.simulation.plans import FOREVER
from training.simulation.population.organisations import Organisations
from training.simulation.population.partners import Partners
from training.simulation.typologies import HONEST, TYPOLOGIES

CORE_GOODS: Final = 6
FRONT_SHARE: Final = 0.08  # of all honest declarations
LARGEST_SHARE: Final = 0.04  # of all declarations, that one trader may have


@dataclass(frozen=True)
class Traders(Columns):
    """Importers; days count from the first simulated one, negative before it."""

    weight: Floats
    entry_day: Floats
    exit_day: Floats
    country: Ints
    main_group: Ints
    core_goods: Ints  # (traders, CORE_GOODS)
    log_size: Floats
    brokers: Ints  # (traders, 2)
    organisation: Ints  # -1: none

    def fronts(self) -> Pool:
        """Return the fronts to draw from by organisation."""
        return Pool.owned(self.organisation, self.organisation != HONEST)

    def active(self, day: float) -> Bools:
        """Tell who trades on this day."""
        return (self.entry_day <= day) & (day < self.exit_day)


def draw_traders(
    rng: np.random.Generator, goods: Goods, organisations: Organisations, *, size: int, days: int
) -> Traders:
    """Draw honest traders and fronts, shuffled together."""
    honest = _draw(rng, goods, _honest_groups(rng, size), days)
    owner = organisations.owners(organisations.front_count)
    fronts = _draw(rng, goods, _front_groups(rng, organisations.typology[owner]), days)
    fronts = _as_fronts(rng, fronts, owner, days)
    share = FRONT_SHARE / (1 - FRONT_SHARE) * honest.weight.sum() / fronts.weight.sum()
    everyone = Traders.stack([honest, replace(fronts, weight=fronts.weight * share)])
    return everyone.take(rng.permutation(len(everyone)))


def with_brokers(rng: np.random.Generator, traders: Traders, declarants: Partners) -> Traders:
    """Give every trader a usual and a second declarant."""
    drawn = weighted(rng, declarants.weight, 2 * len(traders))
    return replace(traders, brokers=drawn.reshape(-1, 2))


def _honest_groups(rng: np.random.Generator, size: int) -> Ints:
    shares = np.array([group.share for group in GROUPS])
    return weighted(rng, shares, size)


def _front_groups(rng: np.random.Generator, typologies: Ints) -> Ints:
    """Draw the goods a front trades honestly in: those its typology hides among."""
    names = [group.name for group in GROUPS]
    cover = np.array(
        [[float(n in typology.cover.groups) for n in names] for typology in TYPOLOGIES]
    )
    return by_row(rng, cover, typologies)


def _as_fronts(rng: np.random.Generator, fronts: Traders, owner: Ints, days: int) -> Traders:
    """Make traders fronts: often founded lately, sometimes an old firm bought."""
    young = rng.uniform(-250, 0.8 * days, len(fronts))
    entry = np.where(rng.random(len(fronts)) < 0.6, young, fronts.entry_day)
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    entry = np.where(first & (entry > 0), rng.uniform(-450, -100, len(fronts)), entry)
    weight = np.minimum(fronts.weight, np.quantile(fronts.weight, 0.95))
    return replace(
        fronts,
        weight=weight,
        entry_day=entry,
        exit_day=np.full(len(fronts), FOREVER),
        organisation=owner,
    )


def _draw(rng: np.random.Generator, goods: Goods, groups: Ints, days: int) -> Traders:
    size = len(groups)
    weight = rng.pareto(1.05, size) + 0.15
    weight = np.minimum(weight, LARGEST_SHARE * weight.sum())
    entry = np.where(
        rng.random(size) < 0.3, rng.uniform(0, days, size), rng.uniform(-2500, 0, size)
    )
    life = np.where(weight > 6, FOREVER, rng.exponential(900, size))
    cores = goods.pool().draw(rng, np.repeat(groups, CORE_GOODS)).reshape(size, CORE_GOODS)
    return Traders(
        weight=weight,
        entry_day=entry,
        exit_day=np.maximum(entry, 0) + life,
        country=len(COUNTRIES) - len(MEMBERS) + weighted(rng, MEMBER_WEIGHTS, size),
        main_group=groups,
        core_goods=cores,
        log_size=0.12 * np.log(weight) + rng.normal(0, 0.5, size),
        brokers=np.full((size, 2), HONEST),
        organisation=np.full(size, HONEST),
    )


def is_containerised(rng: np.random.Generator, modes: Ints) -> Bools:
    """Draw which consignments travel in a container: most by sea, few by road, none by air."""
    share = np.where(modes == MARITIME, 0.85, np.where(modes >= AIR, 0.0, 0.25))
    return rng.random(len(modes)) < share
