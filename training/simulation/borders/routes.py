"""The posts that organisations plan to bring persons over.

Invariant: posts are drawn by their traffic, so that a post alone tells nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Ints
from training.simulation.draw import weighted
from training.simulation.plans import FOREVER, PLANNED, Ways
from training.simulation.population.organisations import Organisations
from training.simulation.population.vehicles import Vehicles
from training.simulation.typologies import trait

POST_SHARES: Final = np.array([0.4, 0.3, 0.2, 0.1])  # of the uses of a route, by post


@dataclass(frozen=True)
class Routes(Ways):
    """Routes of persons, each over a few posts, the usual one first."""

    posts: Ints  # (routes, posts of a route)

    def draw_posts(self, rng: np.random.Generator, rows: Ints) -> Ints:
        """Draw the post of each use of these routes."""
        return self.posts[rows, weighted(rng, POST_SHARES, len(rows))]


def planned_routes(
    rng: np.random.Generator, organisations: Organisations, vehicles: Vehicles
) -> Routes:
    """Draw the routes of every organisation that takes persons over the border."""
    persons = organisations.rate("border", "runs") + organisations.rate("border", "escorts")
    owner = np.repeat(np.flatnonzero(persons > 0), PLANNED)
    travelled = weighted(rng, vehicles.weight, len(owner) * len(POST_SHARES))
    return Routes(
        first_day=np.full(len(owner), FOREVER),
        last_day=np.full(len(owner), FOREVER),
        weight=organisations.weight[owner],
        typology=organisations.typology[owner],
        organisation=owner,
        posts=vehicles.post[travelled].reshape(len(owner), -1),
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
