"""What travellers of a group are paid and pay: advances and wages, or a fare and a debt.

One payer for the journeys of many, and wages handed back: FATF and APG, *Financial Flows from Human
Trafficking* (July 2018).

Invariant: an agency pays some journeys ahead too; a trafficker's travellers earn as others do.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from training.simulation.borders.escorts import Outings, travellers_of
from training.simulation.columns import Floats, Ints
from training.simulation.draw import some
from training.simulation.money.payments import CASH, TRANSFER, Payments, draw_payments, shortly
from training.simulation.population.society import Society
from training.simulation.typologies import HONEST

ADVANCE_SHARE: Final = 0.45  # of an agency's travellers
FARE_SHARE: Final = 0.8  # of a trafficker's
WAGE_SHARE: Final = 0.7  # of an agency's travellers, a month later
DEBT_SHARE: Final = 0.5  # of a trafficker's, paid back weeks later


def travel_payments(rng: np.random.Generator, society: Society, outings: Outings) -> Payments:
    """Draw the payments about a week's outings."""
    row, person = travellers_of(society.groups, outings)
    payer = society.groups.payer[outings.group][row]
    traveller = society.offsets.people + person
    hidden = outings.typology[row] != HONEST
    ahead = shortly(rng, outings.booked_us[row], (0.1, 3.5))
    later = shortly(rng, outings.occurred_us[row], (20, 40))
    size = len(row)
    fare = draw_payments(rng, (payer, traveller), _euros(rng, 260, 0.5, size), _whole(ahead))
    wage = draw_payments(rng, (payer, traveller), _euros(rng, 1250, 0.35, size), _whole(later))
    debt = draw_payments(rng, (traveller, payer), _euros(rng, 420, 0.4, size), _whole(later))
    marked = np.where(hidden, society.groups.organisation[outings.group][row], HONEST)
    chosen = (
        (fare, some(rng, np.where(hidden, FARE_SHARE, ADVANCE_SHARE), size)),
        (wage, some(rng, np.where(hidden, 0.1, WAGE_SHARE), size)),
        (debt, some(rng, np.where(hidden, DEBT_SHARE, 0.02), size)),
    )
    parts = [replace(each, organisation=marked).take(rows) for each, rows in chosen]
    drawn = Payments.stack(parts)
    return replace(drawn, method=np.where(some(rng, 0.2, len(drawn)), CASH, TRANSFER))


def _euros(rng: np.random.Generator, median: float, spread: float, size: int) -> Floats:
    return np.asarray(median * np.exp(spread * rng.normal(size=size)))


def _whole(instants_us: Ints) -> Ints:
    return instants_us // 1_000_000 * 1_000_000
