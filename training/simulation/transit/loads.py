"""What is really on board of each consignment, beside what its declaration says.

Invariant: honest loads differ from their papers too, by scales that err and by careless papers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Columns, Floats, Ints, totals
from training.simulation.draw import some
from training.simulation.trade.filing import Filing
from training.simulation.typologies import trait

CARELESS_SHARE: Final = 0.08  # of honest papers, off by a tenth or more
LORRY_LOAD_KG: Final = 25_000.0  # the most a lorry takes; the rest follows in others


@dataclass(frozen=True)
class Loads(Columns):
    """Kilograms of each consignment, packing included."""

    declared_kg: Floats
    loaded_kg: Floats  # really on board at departure
    arriving_kg: Floats  # really on board on arrival


def draw_loads(rng: np.random.Generator, filing: Filing) -> Loads:
    """Draw what is on board of each declaration."""
    size, items = len(filing), filing.items
    typology = filing.declarations.typology
    declared = totals(items.declaration, items.gross_mass_kg, size)
    spread = np.where(some(rng, CARELESS_SHARE, size), 0.12, 0.012)
    absent = _share(rng, "missing", typology)
    hidden = trait("journey", "hidden_kg")[typology] * rng.lognormal(0, 0.6, size)
    loaded = declared * np.exp(spread * rng.normal(size=size) - absent) + hidden
    return Loads(declared, loaded, loaded * np.exp(-_share(rng, "unloaded", typology)))


def _share(rng: np.random.Generator, name: str, typology: Ints) -> Floats:
    """Draw the log of a mass over what is left of it, about the typology's mean, never negative."""
    mean = trait("journey", name)[typology]
    return mean * rng.gamma(2.0, 0.5, len(typology))
