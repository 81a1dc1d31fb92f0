"""What money does all year: wages, shops, suppliers, rents, takings paid in, groups that net.

Invariant: every pattern that gives a launderer away is here too, honestly: many small payments to
one, one to many, takings just below the threshold, money that comes round within a group.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.columns import Columns, Floats, Ints
from training.simulation.draw import some, weighted
from training.simulation.money.payments import (
    CARD,
    CASH,
    TRANSFER,
    Payments,
    below_threshold,
    draw_payments,
)
from training.simulation.population.accounts import AFFILIATE, FIRM, PERSON
from training.simulation.population.society import Society
from training.simulation.rhythm import DAY_US, SECOND_US

EVERYDAY_A_DAY: Final = 96.0  # at scale 1
TILL_SHARE: Final = 0.3  # of takings, just below what the counter takes without papers


@dataclass(frozen=True)
class Relations(Columns):
    """Who pays whom again and again; parties are positions in the register."""

    debtor: Ints
    creditor: Ints
    log_amount: Floats
    spread: Floats
    method: Ints
    weight: Floats
    till: Ints  # 1: takings, some of them just below the threshold


@dataclass(frozen=True)
class Custom:
    """A kind of relation: how many at scale 1, and its payments (euros, spread, how often)."""

    count: int
    euros: float
    spread: float
    often: float
    method: int = TRANSFER
    till: bool = False


WAGES: Final = Custom(1600, 1900, 0.35, 1.0)
SHOPS: Final = Custom(3200, 220, 1.1, 0.7, CARD)
SUPPLIES: Final = Custom(2600, 2600, 1.3, 1.2)
RENTS: Final = Custom(500, 1500, 0.5, 1.0)
TAKINGS: Final = Custom(260, 3800, 0.7, 3.0, CASH, till=True)
NETTING: Final = Custom(170, 14_000, 0.9, 1.5)
ABROAD: Final = Custom(700, 2400, 1.2, 0.8)


def draw_relations(rng: np.random.Generator, society: Society, scale: float) -> Relations:
    """Draw everyone's standing relations."""
    accounts, offset = society.accounts, society.offsets.accounts
    firms, persons = offset + accounts.of(FIRM), offset + accounts.of(PERSON)
    traders = np.arange(society.offsets.exporters)
    business = np.concatenate([firms, traders])
    exporters = np.arange(society.offsets.exporters, society.offsets.carriers)
    parts = [
        _relations(rng, WAGES, business, persons, scale),
        _relations(rng, SHOPS, persons, business, scale),
        _relations(rng, SUPPLIES, business, business, scale),
        _relations(rng, RENTS, business, firms, scale),
        _relations(rng, TAKINGS, persons, business, scale),
        _relations(rng, ABROAD, business, exporters, scale),
        *_netting(rng, society, scale),
    ]
    return Relations.stack(parts)


def _relations(
    rng: np.random.Generator, custom: Custom, debtors: Ints, creditors: Ints, scale: float
) -> Relations:
    """Draw relations of a kind; a few creditors have most of them."""
    size = max(3, round(custom.count * scale))
    favour = rng.pareto(1.2, len(creditors)) + 0.1
    return Relations(
        debtor=rng.choice(debtors, size),
        creditor=creditors[weighted(rng, favour, size)],
        log_amount=np.log(custom.euros) + 0.6 * custom.spread * rng.normal(size=size),
        spread=np.full(size, 0.6 * custom.spread),
        method=np.full(size, custom.method),
        weight=custom.often * (rng.pareto(1.5, size) + 0.3),
        till=np.full(size, int(custom.till)),
    )


def _netting(rng: np.random.Generator, society: Society, scale: float) -> list[Relations]:
    """Draw circles of three within a group: a trader, its treasury, and a sister abroad."""
    offset, sisters = society.offsets.accounts, society.accounts.of(AFFILIATE)
    size = max(3, round(NETTING.count * scale))
    trader = rng.integers(0, society.offsets.exporters, size)
    first, second = (offset + rng.choice(sisters, size) for _ in range(2))
    one = _relations(rng, NETTING, trader, first, scale)
    circle = ((trader, first), (first, second), (second, trader))
    return [replace(one, debtor=debtor, creditor=creditor) for debtor, creditor in circle]


def everyday(
    rng: np.random.Generator, society: Society, relations: Relations, days: Ints, start_us: int
) -> Payments:
    """Draw the payments of these days."""
    entry, today = society.register.entry_day, days.min(initial=0)
    here = (entry[relations.debtor] <= today) & (entry[relations.creditor] <= today)
    used = relations.take(weighted(rng, np.where(here, relations.weight, 0.0), len(days)))
    size = len(days)
    amount = np.exp(used.log_amount + used.spread * rng.normal(size=size))
    at_till = (used.till == 1) & some(rng, TILL_SHARE, size)
    amount = np.where(at_till, below_threshold(rng, size), amount)
    seconds = rng.integers(5 * 3600, 21 * 3600, size)
    drawn = draw_payments(
        rng, (used.debtor, used.creditor), amount, start_us + days * DAY_US + seconds * SECOND_US
    )
    parted = drawn.debtor != drawn.creditor
    return replace(drawn, method=used.method).take(parted)
