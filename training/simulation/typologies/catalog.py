"""All typologies in one order; a code is a position in it, -1 is honest.

Invariant: a number of the honest is the default that bends nothing, at the end of every array.
"""

from typing import Final

import numpy as np

from training.simulation.columns import Floats
from training.simulation.typologies.drugs import DRUGS_IN_FRUIT, SPLIT_PRECURSORS
from training.simulation.typologies.evasion import FALSE_HEADING, LAUNDERED_ORIGIN
from training.simulation.typologies.invoicing import OVER_INVOICING, UNDER_INVOICING
from training.simulation.typologies.people import PEOPLE_SMUGGLED, PEOPLE_TRAFFICKED
from training.simulation.typologies.phantom import PHANTOM_SHIPMENTS
from training.simulation.typologies.tobacco import TOBACCO_IN_TRANSIT
from training.simulation.typologies.traits import HONEST, Typology
from training.simulation.typologies.weapons import WEAPONS_AS_PARTS

TYPOLOGIES: Final = (
    UNDER_INVOICING,
    OVER_INVOICING,
    FALSE_HEADING,
    DRUGS_IN_FRUIT,
    SPLIT_PRECURSORS,
    WEAPONS_AS_PARTS,
    TOBACCO_IN_TRANSIT,
    LAUNDERED_ORIGIN,
    PHANTOM_SHIPMENTS,
    PEOPLE_SMUGGLED,
    PEOPLE_TRAFFICKED,
)
NAMES: Final = np.array([typology.name for typology in TYPOLOGIES])
# The last entry is what -1 (honest) picks.
OFFENCE_OF_TYPOLOGY: Final = np.array([each.offence_code for each in TYPOLOGIES] + [HONEST])
_HONEST: Final = Typology("honest", "", 0)


def trait(part: str, name: str) -> Floats:
    """Return a number of each typology as an array, with a last entry that -1 (honest) picks.

    Examples
    --------
    >>> float(trait("journey", "lost")[-1])
    0.0
    """
    return np.array([float(getattr(getattr(e, part), name)) for e in (*TYPOLOGIES, _HONEST)])
