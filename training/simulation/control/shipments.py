"""Controls of shipments: some of all items, a few of one item only.

Invariant: a result is known two to twenty days after its declaration.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Ints
from training.simulation.control.controls import (
    FOUND,
    SHIPMENT,
    Controls,
    offences,
    recovered,
    results,
    seized,
)
from training.simulation.control.selection import Selection
from training.simulation.draw import by_row, some
from training.simulation.rhythm import SECOND_US
from training.simulation.trade.filing import Filing
from training.simulation.trade.items import offending_items

TYPE_SHARES: Final = np.array([[0.55, 0.3, 0.15], [0.7, 0.2, 0.1]])  # by rule, by lot
PARTIAL_SHARE: Final = 0.1  # of physical controls of several items, looking at one of them


@dataclass(frozen=True)
class Look:
    """Where each control looks."""

    control_type: Ints
    item: Ints  # row of the item that decides what can be found
    partial: Bools  # it looked at that item only


def inspect_shipments(rng: np.random.Generator, filing: Filing, selection: Selection) -> Controls:
    """Inspect the selected declarations of a week."""
    rows = np.flatnonzero(selection.inspected)
    chosen, reason = filing.declarations.take(rows), selection.random[rows].astype(np.int64)
    look = _look(rng, filing, rows, by_row(rng, TYPE_SHARES, reason))
    seen = filing.items.take(look.item)
    result = results(rng, seen.typology, look.control_type)
    offence = offences(result, seen.typology)
    quantity = seized(rng, offence)
    named = look.partial | ((result == FOUND) & some(rng, 0.5, len(rows)))
    return Controls(
        known_us=chosen.known_us + _waits(rng, len(rows)),
        subject=np.full(len(rows), SHIPMENT),
        subject_id=chosen.id,
        way=chosen.lane,
        is_lane=np.ones(len(rows), dtype=np.bool_),
        actor=chosen.importer,
        result=result,
        item_number=np.where(named, seen.item_number, 0),
        control_type=look.control_type,
        offence=offence,
        seized_quantity=quantity,
        revenue_recovered=recovered(seen.revenue_at_stake, result, offence, quantity),
        reason=reason,
        probability=selection.probability[rows],
    )


def _look(rng: np.random.Generator, filing: Filing, rows: Ints, control: Ints) -> Look:
    item_count = filing.declarations.item_count
    _, offending = offending_items(filing.items, item_count)
    count = item_count[rows]
    any_item = (np.cumsum(item_count) - item_count)[rows] + rng.integers(0, count)
    partial = (control == 0) & (count > 1) & some(rng, PARTIAL_SHARE, len(rows))
    return Look(control, np.where(partial, any_item, offending[rows]), partial)


def _waits(rng: np.random.Generator, size: int) -> Ints:
    """Draw the time from declaration to result: two to twenty days, mostly about a week."""
    return (86_400 * (2 + 18 * rng.beta(1.4, 3.2, size))).astype(np.int64) * SECOND_US
