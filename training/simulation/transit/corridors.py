"""How long goods usually travel from each country, by sea and by road.

Invariant: a corridor's normal is one number, and every journey on it spreads about it.
"""

from dataclasses import dataclass

import numpy as np

from training.simulation.columns import Floats, Ints
from training.simulation.places import COUNTRIES, ROAD


@dataclass(frozen=True)
class Corridors:
    """Usual hours from each country to an office of destination."""

    by_road: Floats
    by_sea: Floats

    def hours(self, departure: Ints, mode: Ints) -> Floats:
        """Return the usual hours of each journey."""
        return np.where(mode == ROAD, self.by_road[departure], self.by_sea[departure])


def draw_corridors(rng: np.random.Generator) -> Corridors:
    """Draw a normal for each country: a day to five by road, four days to twenty-five by sea."""
    size = len(COUNTRIES)
    return Corridors(rng.uniform(24, 110, size), 24 * rng.uniform(4, 25, size))
