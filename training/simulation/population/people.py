"""Persons: those who drive, those who walk across, those who are taken.

Invariant: a person's home and nationality are drawn without looking at who offends.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Columns, Ints
from training.simulation.draw import some, weighted
from training.simulation.places import COUNTRIES, country_weights

HOMES: Final = country_weights(
    "TR 12 UA 11 BY 4 MD 4 RS 7 MK 3 CH 9 NO 3 GB 7 GE 2 MA 5 NL 3 DE 9 FR 7 BE 2 IT 5 ES 3 PL 9 "
    "SE 2 AT 2 CZ 2 GR 2 HU 3 LT 3 RO 6 BG 6 PT 1"
)
ABROAD_SHARE: Final = 0.12  # of persons who live elsewhere than where they are from


@dataclass(frozen=True)
class People(Columns):
    """Persons by position."""

    nationality: Ints
    home: Ints
    organisation: Ints  # -1: none
    is_listed: Bools  # whether an agency has registered the name


def draw_people(rng: np.random.Generator, organisation: Ints, is_listed: Bools) -> People:
    """Draw a person for each entry, of that organisation or of none."""
    size = len(organisation)
    home = weighted(rng, HOMES, size)
    elsewhere = rng.integers(0, len(COUNTRIES), size)
    return People(
        nationality=np.where(some(rng, ABROAD_SHARE, size), elsewhere, home),
        home=home,
        organisation=organisation,
        is_listed=is_listed,
    )
