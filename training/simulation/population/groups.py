"""Groups that travel with a leader, paid by one party: agencies of workers, and traffickers.

Invariant: honest agencies and traffickers are rows of one table, drawn alike.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Columns, Floats, Ints

LEADERS: Final = 4  # of a group, each with a vehicle
TRAVELLERS: Final = 40


@dataclass(frozen=True)
class Groups(Columns):
    """Who sends travellers; leaders, vehicles and travellers lie one after another."""

    payer: Ints  # position in the register
    first_leader: Ints  # among people
    first_traveller: Ints  # among people
    first_vehicle: Ints
    weight: Floats
    organisation: Ints  # -1: honest


def draw_groups(
    rng: np.random.Generator, payer: Ints, organisation: Ints, firsts: tuple[int, int, int]
) -> Groups:
    """Draw a group for each payer; `firsts` are the first leader, traveller and vehicle of all."""
    leader, traveller, vehicle = firsts
    number = np.arange(len(payer))
    return Groups(
        payer=payer,
        first_leader=leader + LEADERS * number,
        first_traveller=traveller + TRAVELLERS * number,
        first_vehicle=vehicle + LEADERS * number,
        weight=rng.lognormal(0, 0.5, len(payer)),
        organisation=organisation,
    )
