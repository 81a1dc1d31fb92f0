"""Arrays of the simulation as columns of a file.

Invariant: what is left out of a record is left out at random, whoever it is about.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from training.simulation.columns import Bools, Floats, Ints
from training.simulation.draw import some
from training.simulation.tables.schemas import INSTANT


def words(names: npt.NDArray[np.str_], codes: Ints, missing: Bools | None = None) -> pa.Array:
    """Return the names at these positions; null where missing or where the position is -1."""
    absent = codes < 0 if missing is None else missing | (codes < 0)
    return pa.array(names).take(pa.array(np.maximum(codes, 0), mask=absent))


def identifiers(ids: npt.NDArray[np.str_], missing: Bools | None = None) -> pa.Array:
    """Return identifiers; null where missing or empty."""
    empty = ids == ""
    return pa.array(ids, mask=empty if missing is None else empty | missing)


def instants(microseconds: Ints) -> pa.Array:
    """Return microseconds of UTC as timestamps; null where 0."""
    return pa.array(microseconds, mask=microseconds == 0).cast(INSTANT)


def numbers(values: Floats, missing: Bools | None = None) -> pa.Array:
    """Return numbers; null where missing or NaN."""
    unknown = np.isnan(values)
    return pa.array(values, mask=unknown if missing is None else unknown | missing)


def holes(rng: np.random.Generator, shares: dict[str, float], size: int) -> dict[str, Bools]:
    """Draw where each of these fields is left empty, at these shares."""
    return {name: some(rng, share, size) for name, share in shares.items()}
