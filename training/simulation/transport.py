"""The vessels, aircraft, trains and lorries that carriers use.

Invariant: a vehicle belongs to one carrier, and its number has the shape of its transport mode.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Ints
from training.simulation.ids import Bytes, ascii_codes, digits, text
from training.simulation.places import MARITIME
from training.simulation.population import Partners
from training.simulation.trade import VEHICLES


@dataclass(frozen=True)
class Transport:
    """The number of each vehicle; a carrier's begin at its position times `VEHICLES`."""

    ids: npt.NDArray[np.str_]


def draw_transport(rng: np.random.Generator, carriers: Partners) -> Transport:
    """Draw the vehicles of every carrier."""
    modes = np.repeat(carriers.place, VEHICLES)
    ids = np.where(modes == MARITIME, imo_numbers(rng, len(modes)), plates(rng, len(modes)))
    return Transport(ids)


def imo_numbers(rng: np.random.Generator, size: int) -> npt.NDArray[np.str_]:
    """Draw IMO ship numbers: six digits and their check digit, after the letters IMO."""
    serial = rng.integers(900_000, 1_000_000, size=size, dtype=np.int64)
    places = serial[:, None] // 10 ** np.arange(5, -1, -1) % 10
    check = (places * np.arange(7, 1, -1)).sum(axis=1) % 10
    return np.char.add("IMO", (serial * 10 + check).astype("U7"))


def plates(rng: np.random.Generator, size: int) -> npt.NDArray[np.str_]:
    """Draw registration marks: two letters, two digits, three letters or digits."""
    head = ascii_codes(rng.choice(np.array(["PL", "TR", "DE", "NL", "LT", "RO", "HU"]), size))
    return text(np.hstack([head, _random_digits(rng, size)]))


def _random_digits(rng: np.random.Generator, size: int) -> Bytes:
    numbers: Ints = rng.integers(0, 10**2, size=size)
    letters = rng.integers(0, 36**3, size=size)
    return np.hstack(
        [digits(numbers.astype(np.uint64), 2, 10), digits(letters.astype(np.uint64), 3)]
    )
