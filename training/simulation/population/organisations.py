"""The hidden organisations: each with one typology, its fronts, accounts, vehicles and people.

Invariant: what an organisation owns is drawn by the draws that serve everyone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Columns, Floats, Ints
from training.simulation.ids import party_ids
from training.simulation.typologies import TYPOLOGIES, trait


@dataclass(frozen=True)
class Organisations(Columns):
    """Hidden groups, one typology each."""

    ids: npt.NDArray[np.str_]
    typology: Ints
    weight: Floats
    front_count: Ints

    def rate(self, part: str, name: str) -> Floats:
        """Return a trait of each organisation's typology."""
        return trait(part, name)[self.typology]

    def owners(self, counts: Ints) -> Ints:
        """Return the owner of each of so many things an organisation has."""
        return np.repeat(np.arange(len(self)), counts)


def draw_organisations(rng: np.random.Generator, scale: float) -> Organisations:
    """Draw the organisations of each typology, at least two of each."""
    counts = [max(2, round(typology.organisations * scale)) for typology in TYPOLOGIES]
    typology = np.repeat(np.arange(len(TYPOLOGIES)), counts)
    fewest, most = np.array([each.fronts for each in TYPOLOGIES]).T
    return Organisations(
        ids=party_ids(rng, "ORG", len(typology)),
        typology=typology,
        weight=rng.lognormal(0, 0.45, len(typology)),
        front_count=rng.integers(fewest[typology], most[typology] + 1),
    )
