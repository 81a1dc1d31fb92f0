"""When declarations are filed: the days of the week, the seasons, the hours.

Invariant: instants are whole microseconds of UTC since 1970; days count from the first day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from training.simulation.columns import Floats, Ints

SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US
WEEKDAYS: Final = np.array([1.24, 1.22, 1.18, 1.20, 1.16, 0.58, 0.42])
MONTHS: Final = np.array([0.9, 0.92, 1.02, 1.0, 1.0, 1.02, 0.97, 0.88, 1.06, 1.13, 1.13, 0.97])


@dataclass(frozen=True)
class Rhythm:
    """The simulated days: `days` of them, the last one just before `end`."""

    end: date
    days: int

    @property
    def start(self) -> date:
        """The first simulated day."""
        return self.end - timedelta(days=self.days)

    @property
    def start_us(self) -> int:
        """Midnight of the first day."""
        return int(datetime.combine(self.start, datetime.min.time(), UTC).timestamp()) * SECOND_US

    @property
    def end_us(self) -> int:
        """Midnight after the last day; nothing is known from here on."""
        return self.start_us + self.days * DAY_US

    def activity(self, days: Ints) -> Floats:
        """Return each day's activity against the average day's, about 0.4 to 1.4."""
        dates = np.datetime64(self.start, "D") + days
        weekday = (dates.astype(np.int64) + 3) % 7
        month = dates.astype("datetime64[M]").astype(np.int64) % 12
        return WEEKDAYS[weekday] * MONTHS[month]

    def working_days(self, rng: np.random.Generator, week: range, a_day: float) -> Ints:
        """Draw the day of each thing that happens `a_day` times on an average day of trade."""
        days = np.arange(week.start, week.stop)
        return np.repeat(days, rng.poisson(self.activity(days) * a_day))

    def instants(self, rng: np.random.Generator, days: Ints) -> Ints:
        """Draw an instant of each day: mostly office hours, some of it at night."""
        size = len(days)
        office = rng.normal(11.0, 3.1, size)
        hour = np.where(rng.random(size) < 0.12, rng.uniform(0, 24, size), office) % 24
        seconds = (hour * 3600).astype(np.int64)
        return self.start_us + days * DAY_US + seconds * SECOND_US

    def office_time(self, rng: np.random.Generator, earliest_us: Ints) -> Ints:
        """Draw when an office takes up what is ready: at office hours, rather not at a weekend."""
        day = (earliest_us - self.start_us) // DAY_US
        ahead = np.arange(5)
        dates = np.datetime64(self.start, "D") + (day[:, None] + ahead)
        weights = WEEKDAYS[(dates.astype(np.int64) + 3) % 7] ** 2 * 0.5**ahead
        edges = np.cumsum(weights, axis=1)
        later = (edges <= (rng.random(len(day)) * edges[:, -1])[:, None]).sum(axis=1)
        found = self.instants(rng, day + later)
        return np.where(found < earliest_us, found + DAY_US, found)


def any_days(rng: np.random.Generator, week: range, a_day: float) -> Ints:
    """Draw the day of each thing that happens `a_day` times a day, whichever day it is."""
    days = np.arange(week.start, week.stop)
    return np.repeat(days, rng.poisson(a_day, len(days)))


def filing_delays(rng: np.random.Generator, size: int) -> Ints:
    """Draw the time from filing to knowing: seconds to hours, half within five minutes."""
    seconds = np.clip(rng.lognormal(np.log(300), 1.6, size), 5, 10 * 3600)
    return seconds.astype(np.int64) * SECOND_US
