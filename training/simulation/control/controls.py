"""What controls find, whatever they look at, and how they are kept until their results are known.

Invariant: a control never invents an offence, and may miss one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Bools, Dated, Floats, Ints
from training.simulation.draw import some
from training.simulation.typologies import HONEST, OFFENCE_OF_TYPOLOGY, OFFENCES, TYPOLOGIES

SUBJECTS: Final = np.array(["shipments", "crossings"])
CONTROL_TYPES: Final = np.array(["physical", "documents", "scan"])
RESULTS: Final = np.array(["clear", "offence", "inconclusive"])
REASONS: Final = np.array(["rule", "random"])
CLEAR, FOUND, UNCLEAR = range(3)
SHIPMENT, CROSSING = range(2)
INCONCLUSIVE: Final = np.array([0.01, 0.03, 0.04])  # by control type

# The chance that a control finds each offence, by control type in the order above.
DETECTION: Final = {
    "weapons": (0.92, 0.0, 0.65),
    "drugs": (0.9, 0.0, 0.55),
    "people": (0.95, 0.25, 0.85),
    "contraband": (0.93, 0.02, 0.7),
    "fraud": (0.85, 0.4, 0.08),
    "critical": (0.85, 0.4, 0.05),
}
# Median of what is seized: pieces of weapons, else kilograms; nothing of a fraud or of persons.
SEIZED_MEDIAN: Final = {"weapons": 30.0, "drugs": 120.0, "contraband": 900.0}
EXCISE_EUROS_PER_KG: Final = 180.0

# One row a typology; the last row is what -1 (honest) picks.
DETECTION_OF_TYPOLOGY: Final = np.array(
    [DETECTION[each.offence] for each in TYPOLOGIES] + [(0.0, 0.0, 0.0)]
)


@dataclass(frozen=True)
class Controls(Dated):
    """Inspections; codes are positions in the arrays of this module."""

    subject: Ints
    subject_id: npt.NDArray[np.str_]
    way: Ints  # row of the lane, or of the route, it offends on
    is_lane: Bools
    actor: Ints  # the importer among traders, or the driver among people
    result: Ints
    item_number: Ints  # 0: the whole shipment, or no goods
    control_type: Ints
    offence: Ints  # -1: none
    seized_quantity: Floats  # NaN: nothing seized
    revenue_recovered: Floats  # euros; NaN: inconclusive
    reason: Ints
    probability: Floats


def results(rng: np.random.Generator, typology: Ints, control_type: Ints) -> Ints:
    """Draw what controls of what is really there come to."""
    size = len(typology)
    found = some(rng, DETECTION_OF_TYPOLOGY[typology, control_type], size)
    unclear = some(rng, INCONCLUSIVE[control_type], size)
    return np.where(unclear, UNCLEAR, found.astype(np.int64))


def offences(result: Ints, typology: Ints) -> Ints:
    """Return the offence of what was found, -1 where nothing was."""
    return np.where(result == FOUND, OFFENCE_OF_TYPOLOGY[typology], HONEST)


def seized(rng: np.random.Generator, offence: Ints) -> Floats:
    """Draw what is seized, NaN where nothing is."""
    median = np.array([SEIZED_MEDIAN.get(name, np.nan) for name in OFFENCES] + [np.nan])
    return np.round(median[offence] * rng.lognormal(0, 0.9, len(offence)), 1)


def recovered(at_stake: Floats, result: Ints, offence: Ints, quantity: Floats) -> Floats:
    """Return the euros collected: what a fraud evaded, the excise on contraband, else nothing."""
    excise = np.where(offence == OFFENCES.index("contraband"), quantity * EXCISE_EUROS_PER_KG, 0.0)
    taxed = np.isin(offence, [OFFENCES.index("fraud"), OFFENCES.index("critical")])
    euros = np.where(taxed, at_stake, excise)
    return np.where(result == UNCLEAR, np.nan, np.round(euros, 2))
