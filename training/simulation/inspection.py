"""What inspections find, how, and when it is known.

Invariant: a result is known two to twenty days after its declaration, and never invents an offence.
"""

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import by_row, some
from training.simulation.items import Items, offending_items
from training.simulation.rhythm import SECOND_US
from training.simulation.schemes import HONEST, OFFENCES, SCHEMES
from training.simulation.selection import Selection
from training.simulation.trade import Declarations

CONTROL_TYPES: Final = ("physical", "documents", "scan")
RESULTS: Final = ("clear", "offence", "inconclusive")
REASONS: Final = ("rule", "random")
TYPE_SHARES: Final = np.array([[0.55, 0.3, 0.15], [0.7, 0.2, 0.1]])  # by rule, by lot
INCONCLUSIVE: Final = np.array([0.01, 0.03, 0.04])  # by control type
PARTIAL_SHARE: Final = 0.1  # of physical controls of several items, looking at one of them

# The chance that a control finds each offence, by control type in the order above.
DETECTION: Final = {
    "weapons": (0.92, 0.0, 0.65),
    "drugs": (0.9, 0.0, 0.55),
    "people": (0.98, 0.0, 0.9),
    "contraband": (0.93, 0.02, 0.7),
    "fraud": (0.85, 0.4, 0.08),
    "critical": (0.85, 0.4, 0.05),
}
# Median of what is seized: pieces of weapons, else kilograms; none of a fraud.
SEIZED_MEDIAN: Final = {"weapons": 30.0, "drugs": 120.0, "contraband": 900.0}
EXCISE_EUROS_PER_KG: Final = 180.0

# One row a scheme; the last row is what -1 (honest) picks.
OFFENCE_OF_SCHEME: Final = np.array([each.offence_code for each in SCHEMES] + [HONEST])
DETECTION_OF_SCHEME: Final = np.array(
    [DETECTION[each.offence] for each in SCHEMES] + [(0.0, 0.0, 0.0)]
)


@dataclass(frozen=True)
class Controls(Columns):
    """Inspections of declarations; codes are positions in the tuples of this module."""

    declaration_id: npt.NDArray[np.str_]
    lane: Ints
    importer: Ints
    known_us: Ints
    result: Ints
    item_number: Ints  # 0: the whole shipment
    control_type: Ints
    offence: Ints  # -1: none
    seized_quantity: Floats  # NaN: nothing seized
    revenue_recovered: Floats  # euros; NaN: inconclusive
    reason: Ints
    probability: Floats

    @classmethod
    def none(cls) -> Self:
        """Return no controls."""
        kinds = {"declaration_id": "U18", "seized_quantity": "f8", "revenue_recovered": "f8"}
        kinds["probability"] = "f8"
        return cls(**{f.name: np.zeros(0, dtype=kinds.get(f.name, "i8")) for f in fields(cls)})


@dataclass(frozen=True)
class Look:
    """Where each control looks."""

    control_type: Ints
    item: Ints  # row of the item that decides what can be found
    partial: Bools  # it looked at that item only


def inspect(
    rng: np.random.Generator,
    filed: Declarations,
    items: Items,
    selection: Selection,
    declaration_ids: npt.NDArray[np.str_],
) -> Controls:
    """Inspect the selected declarations of a week."""
    rows = np.flatnonzero(selection.inspected)
    chosen, reason = filed.take(rows), selection.random[rows].astype(np.int64)
    look = _look(rng, filed, items, rows, by_row(rng, TYPE_SHARES, reason))
    seen = items.take(look.item)
    result = _results(rng, look, seen.scheme)
    offence = np.where(result == 1, OFFENCE_OF_SCHEME[seen.scheme], HONEST)
    seized = _seized(rng, offence)
    named = look.partial | ((result == 1) & some(rng, 0.5, len(rows)))
    return Controls(
        declaration_id=declaration_ids[rows],
        lane=chosen.lane,
        importer=chosen.importer,
        known_us=chosen.known_us + _waits(rng, len(rows)),
        result=result,
        item_number=np.where(named, seen.item_number, 0),
        control_type=look.control_type,
        offence=offence,
        seized_quantity=seized,
        revenue_recovered=_recovered(seen.revenue_at_stake, result, offence, seized),
        reason=reason,
        probability=selection.probability[rows],
    )


def _look(
    rng: np.random.Generator, filed: Declarations, items: Items, rows: Ints, control: Ints
) -> Look:
    _, offending = offending_items(items, filed.item_count)
    count = filed.item_count[rows]
    any_item = (np.cumsum(filed.item_count) - filed.item_count)[rows] + rng.integers(0, count)
    partial = (control == 0) & (count > 1) & some(rng, PARTIAL_SHARE, len(rows))
    return Look(control, np.where(partial, any_item, offending[rows]), partial)


def _results(rng: np.random.Generator, look: Look, scheme: Ints) -> Ints:
    size = len(scheme)
    found = some(rng, DETECTION_OF_SCHEME[scheme, look.control_type], size)
    unclear = some(rng, INCONCLUSIVE[look.control_type], size)
    return np.where(unclear, 2, found.astype(np.int64))


def _waits(rng: np.random.Generator, size: int) -> Ints:
    """Draw the time from declaration to result: two to twenty days, mostly about a week."""
    return (86_400 * (2 + 18 * rng.beta(1.4, 3.2, size))).astype(np.int64) * SECOND_US


def _seized(rng: np.random.Generator, offence: Ints) -> Floats:
    median = np.array([SEIZED_MEDIAN.get(name, np.nan) for name in OFFENCES] + [np.nan])
    return np.round(median[offence] * rng.lognormal(0, 0.9, len(offence)), 1)


def _recovered(at_stake: Floats, result: Ints, offence: Ints, seized: Floats) -> Floats:
    """Return the euros collected: what a fraud evaded, the excise on contraband, else nothing."""
    excise = np.where(offence == OFFENCES.index("contraband"), seized * EXCISE_EUROS_PER_KG, 0.0)
    taxed = np.isin(offence, [OFFENCES.index("fraud"), OFFENCES.index("critical")])
    euros = np.where(taxed, at_stake, excise)
    return np.where(result == 2, np.nan, np.round(euros, 2))
