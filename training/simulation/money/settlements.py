"""How declared goods are paid: before, on or long after delivery, mostly by who imports them.

Invariant: third parties pay honest invoices too, and for good reasons: a parent's treasury, a
factor, a relative, a new bank.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.columns import Columns, Floats, Ints, totals
from training.simulation.draw import some, weighted
from training.simulation.money.payments import (
    CHEQUE,
    TRANSFER,
    Payments,
    draw_payments,
    shortly,
)
from training.simulation.population.accounts import AFFILIATE, FACTOR, FIRM, PERSON
from training.simulation.population.society import Society
from training.simulation.trade.declarations import Declarations
from training.simulation.trade.filing import Filing
from training.simulation.typologies import HONEST, trait

UNPAID_SHARE: Final = 0.1  # of declarations: own goods, barter, consignment stock
INSTALMENT_SHARE: Final = 0.14
AHEAD_SHARE: Final = 0.32
PROMPT_SHARE: Final = 0.3
REFERENCE_SHARE: Final = 0.85  # of payments whose declaration is known
STRANGER_SHARE: Final = 0.035  # of honest payments: someone else pays, once
CHEQUE_SHARE: Final = 0.03
PRICE_SWING: Final = 0.06  # of the log of paid over declared: freight, discounts, rates
FREIGHT_SHARE: Final = 0.18
FEE_SHARE: Final = 0.12


def draw_payers(rng: np.random.Generator, society: Society) -> tuple[Ints, Ints]:
    """Draw a treasury for some traders and a factor for some exporters, else themselves."""
    offsets, accounts = society.offsets, society.accounts
    traders = np.arange(offsets.exporters)
    treasury = offsets.accounts + rng.choice(accounts.of(AFFILIATE), len(traders))
    exporters = np.arange(offsets.exporters, offsets.carriers)
    factor = offsets.accounts + rng.choice(accounts.of(FACTOR), len(exporters))
    return (
        np.where(some(rng, 0.07, len(traders)), treasury, traders),
        np.where(some(rng, 0.06, len(exporters)), factor, exporters),
    )


@dataclass(frozen=True)
class Bills(Columns):
    """What is to be paid for a declaration, once or in parts."""

    row: Ints  # of the declarations
    share: Floats


def settle(
    rng: np.random.Generator,
    society: Society,
    payers: tuple[Ints, Ints],
    filing: Filing,
    booked_us: Ints,
) -> Payments:
    """Draw the payments for a week's declarations."""
    filed = filing.declarations
    bills = _bills(rng, len(filed))
    value = totals(filing.items.declaration, filing.items.value, len(filed))
    paid = filed.take(bills.row)
    amount = value[bills.row] * bills.share * np.exp(_swing(rng, paid.typology))
    when = _when(rng, booked_us[bills.row], paid.known_us)
    debtor, creditor = payers[0][paid.importer], payers[1][paid.exporter]
    stranger, hidden = _strangers(rng, society, paid)
    debtor = np.where(stranger >= 0, stranger, debtor)
    drawn = draw_payments(rng, (debtor, creditor), amount, when)
    referred = some(rng, REFERENCE_SHARE, len(bills))
    drawn = replace(
        drawn,
        currency=paid.currency,
        method=np.where(some(rng, CHEQUE_SHARE, len(bills)), CHEQUE, TRANSFER),
        declaration_id=np.where(referred, paid.id, ""),
        organisation=hidden,
    )
    return Payments.stack([drawn.take(drawn.amount > 1), _services(rng, society, filed)])


def _bills(rng: np.random.Generator, size: int) -> Bills:
    """Draw the parts each declaration is paid in: none, one, or a deposit and the rest."""
    paid = np.flatnonzero(~some(rng, UNPAID_SHARE, size))
    deposit = np.where(some(rng, INSTALMENT_SHARE, len(paid)), rng.uniform(0.2, 0.5, len(paid)), 0)
    split = deposit > 0
    return Bills(np.concatenate([paid, paid[split]]), np.concatenate([1 - deposit, deposit[split]]))


def _swing(rng: np.random.Generator, typology: Ints) -> Floats:
    """Draw the log of what is paid over what is declared."""
    size = len(typology)
    careless = some(rng, 0.06, size)
    spread = np.where(careless, 0.35, PRICE_SWING)
    return np.asarray(
        spread * rng.normal(size=size)
        + trait("money", "paid_shift")[typology] * rng.gamma(2, 0.5, size)
    )


def _when(rng: np.random.Generator, booked_us: Ints, known_us: Ints) -> Ints:
    """Draw when a bill is paid: between booking and declaration, at once, or at its term."""
    size = len(booked_us)
    ahead = booked_us + (rng.random(size) * (known_us - booked_us)).astype(np.int64)
    prompt = shortly(rng, known_us, (0.1, 8))
    term = known_us + rng.choice([30, 30, 45, 60, 90], size) * 86_400_000_000
    term = shortly(rng, term, (-3, 8))
    way = weighted(rng, np.array([AHEAD_SHARE, PROMPT_SHARE, 1 - AHEAD_SHARE - PROMPT_SHARE]), size)
    chosen = np.where(way == 0, ahead, np.where(way == 1, prompt, term))
    return np.asarray(chosen // 1_000_000 * 1_000_000)


def _strangers(rng: np.random.Generator, society: Society, paid: Declarations) -> tuple[Ints, Ints]:
    """Return who else pays, -1 where nobody, and whose scheme that is."""
    accounts, offset, size = society.accounts, society.offsets.accounts, len(paid)
    owner = society.register.organisation[paid.importer]
    hidden = some(rng, trait("money", "third_party")[paid.typology], size)
    shells = society.shells.draw(rng, np.where(hidden, owner, 0))
    honest = some(rng, STRANGER_SHARE, size) & ~hidden
    others = np.concatenate([accounts.of(FIRM), accounts.of(PERSON)])
    others = others[accounts.entry_day[others] <= 0]
    other = rng.choice(others, size)
    stranger = np.where(hidden, offset + shells, np.where(honest, offset + other, -1))
    return stranger, np.where(hidden, owner, HONEST)


def _services(rng: np.random.Generator, society: Society, filed: Declarations) -> Payments:
    """Draw what importers pay carriers and declarants."""
    parts = []
    for share, creditor, euros, spread in (
        (FREIGHT_SHARE, society.offsets.carriers + filed.carrier, 1400.0, 0.8),
        (FEE_SHARE, society.offsets.declarants + filed.declarant, 160.0, 0.6),
    ):
        rows = np.flatnonzero(some(rng, share, len(filed)))
        amount = euros * np.exp(spread * rng.normal(size=len(rows)))
        when = shortly(rng, filed.known_us[rows], (5, 40)) // 1_000_000 * 1_000_000
        parties = (filed.importer[rows], creditor[rows])
        parts.append(draw_payments(rng, parties, amount, when))
    return Payments.stack(parts)
