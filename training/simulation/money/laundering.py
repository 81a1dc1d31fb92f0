"""Proceeds gathered in small deposits and moved on: fan-in, fan-out, circles.

Structuring, collector accounts and shells: FATF, *Professional Money Laundering* (July 2018);
payments that fit no trade: FATF and Egmont Group, *Trade-Based Money Laundering: Risk Indicators*
(March 2021).

Invariant: money leaves after it came in, a little less than it was.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Columns, Floats, Ints, totals
from training.simulation.draw import some
from training.simulation.money.payments import (
    Payments,
    below_threshold,
    draw_payments,
    owned,
    shortly,
)
from training.simulation.population.organisations import Organisations
from training.simulation.population.society import Society
from training.simulation.rhythm import DAY_US, SECOND_US, Rhythm

DEPOSITS: Final = (4, 12)  # the fewest and the most of a cycle
FRONT_SHARE: Final = 0.55  # of cycles gathered on a front's own account
FEE: Final = 0.04  # mean share that stays on the way


@dataclass(frozen=True)
class Cycles(Columns):
    """Times that organisations gather and move money, in one week."""

    organisation: Ints
    collector: Ints  # in the register
    start_us: Ints
    deposits: Ints
    structured: Bools
    circular: Bools


def launder(
    rng: np.random.Generator,
    society: Society,
    organisations: Organisations,
    rhythm: Rhythm,
    week: range,
) -> Payments:
    """Draw the cycles that begin in this week, and all their payments."""
    rate = organisations.rate("money", "cycles")
    counts = rng.poisson(rate * organisations.weight / organisations.weight.mean())
    cycles = _cycles(rng, society, organisations, np.repeat(np.arange(len(counts)), counts), week)
    cycles = replace(cycles, start_us=cycles.start_us + rhythm.start_us)
    deposits, total = _deposits(rng, society, cycles)
    return Payments.stack([deposits, *_onward(rng, society, cycles, total)])


def _cycles(
    rng: np.random.Generator,
    society: Society,
    organisations: Organisations,
    owner: Ints,
    week: range,
) -> Cycles:
    """Draw cycles of these owners; instants count from the first day."""
    size = len(owner)
    account = society.offsets.accounts + society.collectors.draw(rng, owner)
    has_front = organisations.front_count[owner] > 0
    front = society.fronts.draw(rng, np.where(has_front, owner, 0))
    founded = society.register.entry_day[front] <= week.start
    on_front = has_front & founded & some(rng, FRONT_SHARE, size)
    seconds = (week.start + rng.random(size) * len(week)) * 86_400
    return Cycles(
        organisation=owner,
        collector=np.where(on_front, front, account),
        start_us=seconds.astype(np.int64) * SECOND_US,
        deposits=rng.integers(*DEPOSITS, size, endpoint=True),
        structured=some(rng, organisations.rate("money", "structured")[owner], size),
        circular=some(rng, organisations.rate("money", "circular")[owner], size),
    )


def _deposits(
    rng: np.random.Generator, society: Society, cycles: Cycles
) -> tuple[Payments, Floats]:
    """Return the deposits of the cycles within about ten days, and what each cycle gathers."""
    row = np.repeat(np.arange(len(cycles)), cycles.deposits)
    each = cycles.take(row)
    mule = society.offsets.accounts + society.mules.draw(rng, each.organisation)
    plain = 2800 * np.exp(0.9 * rng.normal(size=len(row)))
    amount = np.where(each.structured, below_threshold(rng, len(row)), plain)
    when = shortly(rng, each.start_us, (0, 10)) // 1_000_000 * 1_000_000
    drawn = draw_payments(rng, (mule, each.collector), amount, when)
    drawn = replace(drawn, method=rng.integers(0, 2, len(row)))
    gathered = totals(row, drawn.amount, len(cycles))
    return owned(drawn, each.organisation), gathered


def _onward(
    rng: np.random.Generator, society: Society, cycles: Cycles, total: Floats
) -> list[Payments]:
    """Return the two payments out to shells, and the way back of what comes round."""
    offset, size = society.offsets.accounts, len(cycles)
    share, parts = rng.uniform(0.3, 0.7, size), []
    kept = 1 - rng.gamma(2, FEE / 2, size).clip(0, 0.4)
    for part in (share, 1 - share):
        shell = offset + society.shells.draw(rng, cycles.organisation)
        when = shortly(rng, cycles.start_us + 10 * DAY_US, (0.2, 6)) // 1_000_000 * 1_000_000
        out = draw_payments(rng, (cycles.collector, shell), total * kept * part, when)
        back_when = shortly(rng, when, (1, 12)) // 1_000_000 * 1_000_000
        amount = out.amount * (1 - rng.gamma(2, FEE / 2, size).clip(0, 0.4))
        back = draw_payments(rng, (shell, cycles.collector), amount, back_when)
        parts += [
            owned(out, cycles.organisation),
            owned(back, cycles.organisation).take(cycles.circular),
        ]
    return parts
