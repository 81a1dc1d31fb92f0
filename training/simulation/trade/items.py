"""The goods items of a week's declarations: goods, masses, values, and what offenders bend.

Invariant: honest and offending items come from the same draws; an offence only shifts them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import by_row, some, weighted
from training.simulation.goods.goods import Goods
from training.simulation.goods.groups import origin_weights
from training.simulation.places import PER_EURO
from training.simulation.trade.declarations import Declarations, years_since
from training.simulation.trade.lanes import Lanes
from training.simulation.typologies import HONEST, trait

BASKET_WEIGHTS: Final = np.array([0.56, 0.2, 0.12, 0.07, 0.05])
ONE_OFF_GOODS: Final = 0.04
OTHER_ORIGIN: Final = 0.05
ZERO_SHARE: Final = 0.001  # of masses and of values, whoever declares them


@dataclass(frozen=True)
class Items(Columns):
    """Goods items in the order of their declarations; money in euros but for `value`."""

    declaration: Ints  # row of the week's declarations
    item_number: Ints
    good: Ints  # as declared
    origin: Ints
    net_mass_kg: Floats
    gross_mass_kg: Floats
    value: Floats  # in the declaration's currency
    duty_pct: Floats
    price_gap: Floats  # log of declared over expected euros a kg, by the declared goods
    revenue_at_stake: Floats  # euros of duty and tax an offence evades; 0: honest
    typology: Ints  # -1: honest


@dataclass(frozen=True)
class Cargo(Columns):
    """What really is in each item, and whose it is."""

    declaration: Ints
    item_number: Ints
    currency: Ints
    year: Floats  # since the start
    good: Ints
    origin: Ints
    typology: Ints


@dataclass(frozen=True)
class Measures(Columns):
    """Logs of an item's euros a kg, net kg, and gross surplus as a share of net."""

    price: Floats
    mass: Floats
    tare: Floats


def draw_items(
    rng: np.random.Generator, goods: Goods, lanes: Lanes, filed: Declarations, start_us: int
) -> Items:
    """Draw every item of the declarations."""
    owner = np.repeat(np.arange(len(filed)), filed.item_count)
    number = np.arange(len(owner)) - np.searchsorted(owner, owner) + 1
    typology = _offending(rng, filed, owner, number)
    lane = lanes.take(filed.lane[owner])
    good, origin = _goods_and_origins(rng, goods, lane, typology)
    year = years_since(start_us, filed.known_us[owner])
    cargo = Cargo(owner, number, filed.currency[owner], year, good, origin, typology)
    return _declare(rng, goods, cargo, _measure(rng, goods, lane, cargo))


def _offending(rng: np.random.Generator, filed: Declarations, owner: Ints, number: Ints) -> Ints:
    """Choose the items an offending declaration offends in: one at random, and often more."""
    chosen = rng.integers(1, filed.item_count + 1)[owner]
    typology = filed.typology[owner]
    further = rng.random(len(owner)) < trait("cover", "every_item")[typology]
    return np.where((number == chosen) | further, typology, HONEST)


def _goods_and_origins(
    rng: np.random.Generator, goods: Goods, lane: Lanes, typology: Ints
) -> tuple[Ints, Ints]:
    """Draw what is in each item: the lane's usual goods, now and then something else."""
    size = len(lane)
    usual = lane.basket[np.arange(size), weighted(rng, BASKET_WEIGHTS, size)]
    stray = some(rng, ONE_OFF_GOODS, size) & (typology == HONEST)
    good = np.where(stray, weighted(rng, goods.weight, size), usual)
    elsewhere = some(rng, OTHER_ORIGIN, size) & (typology == HONEST)
    origin = lane.origin.copy()
    origin[elsewhere] = by_row(rng, origin_weights(), goods.group[good[elsewhere]])
    return good, origin


def _measure(rng: np.random.Generator, goods: Goods, lane: Lanes, cargo: Cargo) -> Measures:
    """Draw prices and masses as the goods and the lane have them, and shift what offends."""
    size, good = len(cargo), cargo.good
    price = goods.expected_log_price(good, cargo.origin, cargo.year) + lane.log_quality
    mass = goods.log_mass[good] + lane.log_size
    return Measures(
        price=price + rng.normal(0, 0.3, size) + _shift(rng, "price_shift", cargo.typology),
        mass=mass + 0.65 * rng.standard_t(5, size) + _shift(rng, "mass_shift", cargo.typology),
        tare=goods.log_tare_share[good]
        + rng.normal(0, 0.45, size)
        + _shift(rng, "tare_shift", cargo.typology),
    )


def _shift(rng: np.random.Generator, name: str, typology: Ints) -> Floats:
    mean = trait("cover", name)[typology]
    noise = trait("cover", "noise")[typology] * rng.normal(size=len(typology))
    return np.where(mean == 0, 0.0, mean + noise)


def _declare(rng: np.random.Generator, goods: Goods, cargo: Cargo, logs: Measures) -> Items:
    """Write the items down as the declarant does."""
    misdeclared = trait("cover", "misdeclared")[cargo.typology] > 0
    declared = np.where(misdeclared, goods.cheaper_neighbour[cargo.good], cargo.good)
    net = np.maximum(np.exp(np.clip(logs.mass, -4.0, 15.0)), 0.01)
    euros = net * np.exp(logs.price)
    duty = goods.duty(declared, cargo.origin)
    return Items(
        declaration=cargo.declaration,
        item_number=cargo.item_number,
        good=declared,
        origin=cargo.origin,
        net_mass_kg=_or_zero(rng, net),
        gross_mass_kg=np.round(net * (1 + np.exp(logs.tare)) + 0.01, 2),
        value=_or_zero(rng, euros * PER_EURO[cargo.currency]),
        duty_pct=duty,
        price_gap=logs.price - goods.expected_log_price(declared, cargo.origin, cargo.year),
        revenue_at_stake=_at_stake(goods, cargo, euros, duty),
        typology=cargo.typology,
    )


def _or_zero(rng: np.random.Generator, amounts: Floats) -> Floats:
    return np.where(
        some(rng, ZERO_SHARE, len(amounts)), 0.0, np.maximum(np.round(amounts, 2), 0.01)
    )


def _at_stake(goods: Goods, cargo: Cargo, euros: Floats, duty: Floats) -> Floats:
    """Duty and 20% tax on the value kept back, and the duty a false heading saves."""
    kept_back = euros * np.expm1(np.maximum(-trait("cover", "price_shift")[cargo.typology], 0.0))
    saved = euros * np.maximum(goods.duty_pct[cargo.good] - duty, 0.0) / 100
    owed = kept_back * (duty / 100 + 0.2) + saved * 1.2
    return np.where(cargo.typology == HONEST, 0.0, owed)


def offending_items(items: Items, item_count: Ints) -> tuple[Bools, Ints]:
    """Tell which declarations offend, and the row of the first offending item (or first item)."""
    first = np.cumsum(item_count) - item_count
    rows = np.where(items.typology != HONEST, np.arange(len(items)), len(items))
    lowest = np.minimum.reduceat(rows, first)
    return lowest < len(items), np.where(lowest < len(items), lowest, first)
