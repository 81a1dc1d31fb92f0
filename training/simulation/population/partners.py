"""Whom traders deal with: exporters, carriers, declarants.

Invariant: a partner is drawn without looking at who offends.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Columns, Floats, Ints
from training.simulation.draw import Pool, weighted
from training.simulation.places import COUNTRIES

LARGEST_PARTNER: Final = 6.0  # times the median exporter, carrier or declarant


@dataclass(frozen=True)
class Partners(Columns):
    """Exporters (place: country), carriers (place: transport mode) or declarants (place: 0)."""

    weight: Floats
    place: Ints

    def pool(self, places: int) -> Pool:
        """Return the partners to draw from by place."""
        return Pool.of(self.place, self.weight, places)


def draw_partners(rng: np.random.Generator, places: Ints) -> Partners:
    """Draw one partner at each of these places, few of them large."""
    size = len(places)
    weight = np.minimum(rng.lognormal(0, 1.1, size), LARGEST_PARTNER)
    return Partners(weight, places)


def exporter_places(rng: np.random.Generator, origins: Floats, size: int) -> Ints:
    """Draw the countries of exporters; every country has a few."""
    overall = origins.sum(axis=0) + 0.3
    drawn = weighted(rng, overall, size)
    return np.concatenate([drawn, np.repeat(np.arange(len(COUNTRIES)), 3)])


def carrier_places(rng: np.random.Generator, size: int) -> Ints:
    """Draw the transport modes of carriers; every mode has a few."""
    modes = np.array([0.0, 0.3, 0.08, 0.45, 0.12, 0.05])
    return np.concatenate([weighted(rng, modes, size), np.repeat(np.arange(6), 2)])
