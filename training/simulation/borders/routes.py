"""The posts that organisations plan to bring persons over.

Invariant: posts are drawn by their traffic, so that a post alone tells nothing.
"""

from dataclasses import dataclass

import numpy as np

from training.simulation.columns import Ints
from training.simulation.draw import weighted
from training.simulation.places import POST_WEIGHTS
from training.simulation.plans import FOREVER, PLANNED, Ways
from training.simulation.population.organisations import Organisations
from training.simulation.typologies import trait


@dataclass(frozen=True)
class Routes(Ways):
    """Routes of persons, each over one post."""

    post: Ints


def planned_routes(rng: np.random.Generator, organisations: Organisations) -> Routes:
    """Draw the routes of every organisation that takes persons over the border."""
    persons = organisations.rate("border", "runs") + organisations.rate("border", "escorts")
    owner = np.repeat(np.flatnonzero(persons > 0), PLANNED)
    return Routes(
        first_day=np.full(len(owner), FOREVER),
        last_day=np.full(len(owner), FOREVER),
        weight=organisations.weight[owner],
        typology=organisations.typology[owner],
        organisation=owner,
        post=weighted(rng, POST_WEIGHTS, len(owner)),
    )


def active_routes(
    rng: np.random.Generator, routes: Routes, trait_name: str, days: Ints
) -> tuple[Ints, Ints]:
    """Draw a route in use for each of these days; none of them where no route is in use.

    Parameters
    ----------
    trait_name
        Of the border: what the routes are for, ``runs`` or ``escorts``.
    """
    wanted = trait("border", trait_name)[routes.typology] > 0
    usable = np.where(wanted & routes.active(days.min(initial=0)), routes.weight, 0.0)
    if not usable.any():
        return days[:0], days[:0]
    return days, weighted(rng, usable, len(days))
