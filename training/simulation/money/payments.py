"""Payments between parties of the register, as every part of the simulation makes them.

Invariant: amounts are in the currency of the payment, rounded alike for everyone.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Dated, Floats, Ints
from training.simulation.draw import some
from training.simulation.rhythm import SECOND_US

METHODS: Final = np.array(["transfer", "cash", "card", "cheque"])
TRANSFER, CASH, CARD, CHEQUE = range(4)
EURO: Final = 0
# FATF Recommendation 10 and Directive (EU) 2015/849, article 11, put cash at 10,000 euros.
REPORTING_THRESHOLD: Final = 10_000.0
ROUND_SHARE: Final = 0.2  # of amounts, to the next ten


@dataclass(frozen=True)
class Payments(Dated):
    """Transfers; parties are positions in the register."""

    occurred_us: Ints
    debtor: Ints
    creditor: Ints
    amount: Floats
    currency: Ints
    method: Ints
    declaration_id: npt.NDArray[np.str_]  # empty: none
    organisation: Ints  # whose scheme it belongs to, -1: nobody's


def draw_payments(
    rng: np.random.Generator, parties: tuple[Ints, Ints], amount: Floats, occurred_us: Ints
) -> Payments:
    """Draw honest transfers in euros from debtors to creditors."""
    size = len(amount)
    none = np.full(size, -1)
    return Payments(
        known_us=occurred_us + _reporting_delay(rng, size),
        occurred_us=occurred_us,
        debtor=parties[0],
        creditor=parties[1],
        amount=rounded(rng, amount),
        currency=np.full(size, EURO),
        method=np.full(size, TRANSFER),
        declaration_id=np.full(size, "", dtype="U18"),
        organisation=none,
    )


def rounded(rng: np.random.Generator, amount: Floats) -> Floats:
    """Return amounts to the cent, some to the next ten."""
    tens = some(rng, ROUND_SHARE, len(amount)) & (amount > 100)
    return np.maximum(np.where(tens, np.round(amount, -1), np.round(amount, 2)), 0.01)


def below_threshold(rng: np.random.Generator, size: int) -> Floats:
    """Draw amounts that lie just below the reporting threshold."""
    return np.asarray(REPORTING_THRESHOLD * (1 - rng.beta(1.3, 9, size)))


def shortly(rng: np.random.Generator, instants_us: Ints, days: tuple[float, float]) -> Ints:
    """Return instants this many days later, the bounds given."""
    later = rng.uniform(*days, len(instants_us)) * 86_400
    return instants_us + later.astype(np.int64) * SECOND_US


def owned(payments: Payments, organisation: Ints) -> Payments:
    """Return the payments as an organisation's."""
    return replace(payments, organisation=organisation)


def _reporting_delay(rng: np.random.Generator, size: int) -> Ints:
    """Draw when an agency is told: hours, now and then days."""
    hours = np.clip(rng.lognormal(np.log(6), 0.9, size), 0.2, 120)
    return (hours * 3600).astype(np.int64) * SECOND_US
