"""Who trades: importers, their exporters, carriers and declarants, and the fronts among them.

Invariant: an identifier is drawn without looking at who offends.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import Pool, by_row, weighted
from training.simulation.goods import Goods
from training.simulation.groups import GROUPS
from training.simulation.ids import party_ids
from training.simulation.places import AIR, COUNTRIES, MARITIME, MEMBER_WEIGHTS, MEMBERS
from training.simulation.schemes import HONEST, SCHEMES

CORE_GOODS: Final = 6
FRONT_SHARE: Final = 0.08  # of all honest declarations
LARGEST_SHARE: Final = 0.04  # of all declarations, that one trader may have
LARGEST_PARTNER: Final = 6.0  # times the median exporter, carrier or declarant
FOREVER: Final = 10.0**6


@dataclass(frozen=True)
class Traders(Columns):
    """Importers; days count from the first simulated one, negative before it."""

    ids: npt.NDArray[np.str_]
    weight: Floats
    entry_day: Floats
    exit_day: Floats
    country: Ints
    main_group: Ints
    core_goods: Ints  # (traders, CORE_GOODS)
    log_size: Floats
    brokers: Ints  # (traders, 2)
    organisation: Ints  # -1: none

    def active(self, day: float) -> Bools:
        """Tell who trades on this day."""
        return (self.entry_day <= day) & (day < self.exit_day)


@dataclass(frozen=True)
class Partners(Columns):
    """Exporters (place: country), carriers (place: transport mode) or declarants (place: 0)."""

    ids: npt.NDArray[np.str_]
    weight: Floats
    place: Ints

    def pool(self, places: int) -> Pool:
        """Return the partners to draw from by place."""
        return Pool.of(self.place, self.weight, places)


@dataclass(frozen=True)
class Organisations(Columns):
    """Hidden groups of one to four fronts, each with one scheme."""

    ids: npt.NDArray[np.str_]
    scheme: Ints
    weight: Floats
    front_count: Ints


def draw_organisations(rng: np.random.Generator, scale: float) -> Organisations:
    """Draw the organisations of each scheme, at least two of each."""
    counts = [max(2, round(scheme.organisations * scale)) for scheme in SCHEMES]
    size = sum(counts)
    return Organisations(
        ids=party_ids(rng, "ORG", size),
        scheme=np.repeat(np.arange(len(SCHEMES)), counts),
        weight=rng.lognormal(0, 0.7, size),
        front_count=rng.integers(1, 5, size),
    )


def draw_partners(rng: np.random.Generator, prefix: str, places: Ints) -> Partners:
    """Draw one partner at each of these places, few of them large."""
    size = len(places)
    weight = np.minimum(rng.lognormal(0, 1.1, size), LARGEST_PARTNER)
    return Partners(party_ids(rng, prefix, size), weight, places)


def exporter_places(rng: np.random.Generator, origins: Floats, size: int) -> Ints:
    """Draw the countries of exporters; every country has a few."""
    overall = origins.sum(axis=0) + 0.3
    drawn = weighted(rng, overall, size)
    return np.concatenate([drawn, np.repeat(np.arange(len(COUNTRIES)), 3)])


def carrier_places(rng: np.random.Generator, size: int) -> Ints:
    """Draw the transport modes of carriers; every mode has a few."""
    modes = np.array([0.0, 0.3, 0.08, 0.45, 0.12, 0.05])
    return np.concatenate([weighted(rng, modes, size), np.repeat(np.arange(6), 2)])


def draw_traders(
    rng: np.random.Generator, goods: Goods, organisations: Organisations, *, size: int, days: int
) -> Traders:
    """Draw honest traders and fronts, shuffled together."""
    honest = _draw(rng, goods, _honest_groups(rng, size), days)
    owner = np.repeat(np.arange(len(organisations)), organisations.front_count)
    fronts = _draw(rng, goods, _front_groups(rng, organisations.scheme[owner]), days)
    fronts = _as_fronts(rng, fronts, owner, days)
    share = FRONT_SHARE / (1 - FRONT_SHARE) * honest.weight.sum() / fronts.weight.sum()
    everyone = Traders.stack([honest, replace(fronts, weight=fronts.weight * share)])
    shuffled = everyone.take(rng.permutation(len(everyone)))
    return replace(shuffled, ids=party_ids(rng, "TR", len(shuffled)))


def with_brokers(rng: np.random.Generator, traders: Traders, declarants: Partners) -> Traders:
    """Give every trader a usual and a second declarant."""
    drawn = weighted(rng, declarants.weight, 2 * len(traders))
    return replace(traders, brokers=drawn.reshape(-1, 2))


def _honest_groups(rng: np.random.Generator, size: int) -> Ints:
    shares = np.array([group.share for group in GROUPS])
    return weighted(rng, shares, size)


def _front_groups(rng: np.random.Generator, schemes: Ints) -> Ints:
    """Draw the goods a front trades honestly in: those its scheme hides among."""
    names = [group.name for group in GROUPS]
    cover = np.array([[float(n in scheme.groups) for n in names] for scheme in SCHEMES])
    return by_row(rng, cover, schemes)


def _as_fronts(rng: np.random.Generator, fronts: Traders, owner: Ints, days: int) -> Traders:
    """Make traders fronts: often founded lately, sometimes an old firm bought."""
    young = rng.uniform(-250, 0.8 * days, len(fronts))
    entry = np.where(rng.random(len(fronts)) < 0.6, young, fronts.entry_day)
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    entry = np.where(first & (entry > 0), rng.uniform(-250, 0, len(fronts)), entry)
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
        ids=np.full(size, "", dtype="U9"),
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
