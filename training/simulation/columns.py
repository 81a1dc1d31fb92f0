"""Tables as frozen dataclasses of equally long arrays.

Invariant: every field of a table has the same first dimension, so a row means one thing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """A table: each field an array with one entry (or one row) a record."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: Ints | Bools) -> Self:
        """Return the table of these rows, in this order."""
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @classmethod
    def stack(cls, tables: Sequence[Self]) -> Self:
        """Return the rows of all tables, in order."""
        return cls(
            **{f.name: np.concatenate([getattr(t, f.name) for t in tables]) for f in fields(cls)}
        )


@dataclass(frozen=True)
class Dated(Columns):
    """A table of records, each with the instant when the agency comes to know it."""

    known_us: Ints


DatedTable = TypeVar("DatedTable", bound=Dated)


def due(
    waiting: tuple[DatedTable, ...], new: DatedTable, until_us: int
) -> tuple[DatedTable, tuple[DatedTable, ...]]:
    """Part the records known before `until_us`, in the order they are known, from later ones."""
    every = type(new).stack([*waiting, new])
    known = every.known_us < until_us
    ready = every.take(known)
    return ready.take(np.argsort(ready.known_us, kind="stable")), (every.take(~known),)


def totals(owner: Ints, amounts: Floats, size: int) -> Floats:
    """Return the total of the amounts of each of `size` owners."""
    return np.bincount(owner, weights=amounts, minlength=size).astype(np.float64)
