"""When each consignment departs, reaches the border, arrives, and is declared.

Invariant: departure, border and arrival follow one another, all after the booking.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import by_row, some
from training.simulation.goods.groups import GROUPS
from training.simulation.places import MARITIME, ROAD, post_weights
from training.simulation.rhythm import DAY_US, SECOND_US, Rhythm
from training.simulation.trade.declarations import Bookings
from training.simulation.transit.corridors import Corridors
from training.simulation.typologies import trait

HOUR_US: Final = 3600 * SECOND_US
CHILLED: Final = np.array(
    [g.name in {"meat and fish", "flowers", "fruit and vegetables"} for g in GROUPS]
)
# Share of consignments under a transit movement, by transport mode, and of containers by sea.
MOVING: Final = np.array([0.0, 0.0, 0.4, 0.9, 0.0, 0.0])
MOVING_CONTAINERS: Final = np.array([0.09, 0.5])  # others, chilled goods
LATE_SHARE: Final = 0.05  # of honest journeys: queues, breakdowns, strikes
LOST_SHARE: Final = 0.012  # of honest movements: arrived, and nobody recorded it
DECLARED_AHEAD: Final = 0.25  # share of movements whose goods are declared as they depart


@dataclass(frozen=True)
class Journeys(Columns):
    """The journey of each consignment of a week."""

    is_moving: Bools  # under a transit movement
    is_lost: Bools  # never recorded as arrived
    post: Ints  # road post it crosses, -1: none
    departed_us: Ints
    border_us: Ints
    arrived_us: Ints
    due_us: Ints
    declared_us: Ints


def draw_journeys(
    rng: np.random.Generator, booked: Bookings, corridors: Corridors, group: Ints, rhythm: Rhythm
) -> Journeys:
    """Draw the journeys of a week's consignments, the group of their usual goods given."""
    size = len(booked)
    departed = booked.booked_us + _lead(rng, size)
    normal = corridors.hours(booked.departure, booked.mode)
    late = some(rng, _also(LATE_SHARE, "late", booked.typology), size)
    hours = normal * rng.lognormal(0, 0.18, size) * np.where(late, rng.uniform(1.4, 2.8, size), 1)
    moving = _moving(rng, booked, group)
    lost = moving & some(rng, _also(LOST_SHARE, "lost", booked.typology), size)
    arrived = departed + _as_us(hours)
    ahead = some(rng, DECLARED_AHEAD, size) | lost | ~moving
    ready = np.where(ahead, departed, arrived + _as_us(rng.exponential(9, size)))
    declared = rhythm.office_time(rng, ready)
    post = by_row(rng, post_weights(), booked.departure)
    before = np.maximum(declared - _as_us(rng.exponential(7, size)), booked.booked_us)
    return Journeys(
        is_moving=moving,
        is_lost=lost,
        post=np.where(booked.mode == ROAD, post, -1),
        departed_us=departed,
        border_us=np.where(moving, departed + _as_us(hours * rng.beta(4, 4, size)), before),
        arrived_us=arrived,
        due_us=_end_of_day(departed + _as_us(1.3 * normal + 30)),
        declared_us=declared,
    )


def _also(honest: float, name: str, typology: Ints) -> Floats:
    """Return the chance that something happens by accident or on purpose."""
    return np.asarray(1 - (1 - honest) * (1 - trait("journey", name)[typology]))


def _lead(rng: np.random.Generator, size: int) -> Ints:
    """Draw the time from booking to departure: a day to a month, half within a week."""
    return _as_us(24 * np.clip(rng.lognormal(np.log(6), 0.7, size), 1, 30))


def _moving(rng: np.random.Generator, booked: Bookings, group: Ints) -> Bools:
    boxed = (booked.mode == MARITIME) & (booked.container != "")
    share = np.where(boxed, MOVING_CONTAINERS[CHILLED[group].astype(int)], MOVING[booked.mode])
    return some(rng, share, len(booked))


def _as_us(hours: Floats) -> Ints:
    return (hours * 3600).astype(np.int64) * SECOND_US


def _end_of_day(instants_us: Ints) -> Ints:
    return (instants_us // DAY_US + 1) * DAY_US - SECOND_US
