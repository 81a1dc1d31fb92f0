"""What hidden organisations plan, use one after another, and abandon after a seizure.

Invariant: what offenders do next depends only on what has been found before.
"""

from dataclasses import dataclass, replace
from typing import Final, Self, TypeVar

import numpy as np

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import some

FOREVER: Final = 10.0**6
PLANNED: Final = 24  # ways an organisation has in mind; seized on the last, it falls silent
LIFE_DAYS: Final = 150.0
LEAVING_SHARE: Final = 0.8  # of seizures that make an organisation leave the way


@dataclass(frozen=True)
class Ways(Columns):
    """Ways to do something again and again: a lane of trade, a route of persons.

    Days count from the first simulated one. An organisation's ways lie one after another.
    """

    first_day: Floats
    last_day: Floats
    weight: Floats
    typology: Ints  # -1: honest
    organisation: Ints  # -1: honest

    def active(self, day: float) -> Bools:
        """Tell which ways are used on this day."""
        return (self.first_day <= day) & (day < self.last_day)


WaysTable = TypeVar("WaysTable", bound=Ways)


@dataclass(frozen=True)
class Plans:
    """Which planned way each organisation uses (arrays of one entry an organisation)."""

    current: Ints  # position among the organisation's planned ways
    first: Ints  # row of its first planned way in the table of ways

    @classmethod
    def of(cls, organisations: Ints) -> Self:
        """Start each organisation on its first way, the owner of every planned way given."""
        first = np.flatnonzero(np.diff(organisations, prepend=-1) != 0)
        return cls(np.zeros(len(first), dtype=np.int64), first)

    def rows(self) -> Ints:
        """Return the row of the way each organisation uses, or will use next."""
        return self.first + self.current


def open_first(
    rng: np.random.Generator, ways: WaysTable, plans: Plans, first_day: float
) -> WaysTable:
    """Begin each organisation's first way at about the first day."""
    days = first_day + rng.uniform(-60, 30, len(plans.current))
    return _open(rng, ways, plans.rows(), days, first_day)


def move_on(
    rng: np.random.Generator, ways: WaysTable, plans: Plans, seized: Ints, day: int
) -> tuple[WaysTable, Plans]:
    """Let organisations whose way was seized leave it weeks later, and replace spent ways.

    Parameters
    ----------
    seized
        Rows of the ways found out since the last call, repeats allowed.
    day
        Today; what is decided begins today or later.
    """
    last = ways.last_day.copy()
    leaving = np.intersect1d(np.unique(seized), plans.rows())
    leaving = leaving[some(rng, LEAVING_SHARE, len(leaving))]
    last[leaving] = np.minimum(last[leaving], day + rng.uniform(7, 35, len(leaving)))
    spent = (last[plans.rows()] <= day) & (plans.current < PLANNED - 1)
    plans = replace(plans, current=plans.current + spent)
    begin = day + rng.uniform(0, 28, int(spent.sum()))
    return _open(rng, replace(ways, last_day=last), plans.rows()[spent], begin, day), plans


def _open(
    rng: np.random.Generator, ways: WaysTable, rows: Ints, days: Floats, today: float
) -> WaysTable:
    first, last = ways.first_day.copy(), ways.last_day.copy()
    first[rows] = days
    last[rows] = np.maximum(days, today) + rng.exponential(LIFE_DAYS, len(rows))
    final = np.append(ways.organisation[1:] != ways.organisation[:-1], True)
    last[rows[final[rows]]] = FOREVER
    return replace(ways, first_day=first, last_day=last)
