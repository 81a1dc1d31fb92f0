"""Under which identifier a record names a party.

Invariant: a second identifier is used only from the day it was registered on.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Floats, Ints
from training.simulation.draw import some
from training.simulation.population.register import Register
from training.simulation.population.registrations import Registrations


@dataclass(frozen=True)
class Naming:
    """The first and second identifiers of every party of the register."""

    first: npt.NDArray[np.str_]
    second: npt.NDArray[np.str_]
    since_day: Floats
    share: Floats  # 0: there is no second

    @classmethod
    def of(cls, register: Register, registrations: Registrations) -> Self:
        """Look up every party's identifiers."""
        listed = int(register.is_listed.sum())
        later = registrations.take(np.arange(listed, len(registrations)))
        second, share = register.ids.copy(), np.zeros(len(register))
        since = np.zeros(len(register))
        second[later.party], share[later.party] = later.ids, later.share
        since[later.party] = later.entry_day
        return cls(register.ids, second, since, share)

    def ids(self, rng: np.random.Generator, parties: Ints, day: float) -> npt.NDArray[np.str_]:
        """Return the identifiers these parties go by on this day, one draw a record."""
        share = np.where(self.since_day[parties] <= day, self.share[parties], 0.0)
        other = some(rng, share, len(parties))
        return np.where(other, self.second[parties], self.first[parties])
