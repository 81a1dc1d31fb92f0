"""Why vehicles and persons cross: each has one habit, which sets its hours and how long it stays.

Invariant: an organisation's vehicles have habits drawn as everyone's, for their honest trips.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Floats, Ints
from training.simulation.draw import by_row


@dataclass(frozen=True)
class Habit:
    """A kind of trip.

    Parameters
    ----------
    shares
        Of cars, vans, minibuses, buses, lorries and persons on foot, those with this habit.
    stay_hours, stay_spread
        Median stay, and its spread as a logarithm.
    hour, hour_spread
        When the trip begins by day, UTC.
    night
        Share of the trips that begin at night.
    often
        Trips against those of a visitor.
    """

    name: str
    shares: tuple[float, ...]
    stay_hours: float
    stay_spread: float
    hour: float
    hour_spread: float
    night: float
    often: float


HABITS: Final = (
    Habit("commuter", (0.42, 0.25, 0.1, 0.0, 0.0, 0.45), 9, 0.15, 6.5, 1.2, 0.05, 4.0),
    Habit("shopper", (0.22, 0.10, 0.15, 0.0, 0.0, 0.40), 3, 0.5, 12, 3.5, 0.05, 2.0),
    Habit("visitor", (0.20, 0.15, 0.30, 0.2, 0.0, 0.15), 50, 0.6, 15, 5.0, 0.2, 1.0),
    Habit("holiday", (0.16, 0.05, 0.15, 0.3, 0.0, 0.00), 220, 0.5, 8, 5.0, 0.25, 0.6),
    Habit("shuttle", (0.00, 0.45, 0.30, 0.5, 1.0, 0.00), 6, 0.7, 13, 6.0, 0.35, 5.0),
)


def draw_habits(rng: np.random.Generator, classes: Ints) -> Ints:
    """Draw a habit for each vehicle."""
    shares = np.array([habit.shares for habit in HABITS]).T
    return by_row(rng, shares, classes)


def of_habit(name: str) -> Floats:
    """Return a number of each habit as an array."""
    return np.array([float(getattr(habit, name)) for habit in HABITS])
