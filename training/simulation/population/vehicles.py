"""The vessels, aircraft, trains, lorries, vans and cars of the world, and who drives them.

Invariant: a vehicle's number has the shape of its kind, and is drawn without looking at its owner.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Columns, Floats, Ints
from training.simulation.draw import some
from training.simulation.ids import Bytes, ascii_codes, digits, text
from training.simulation.places import COUNTRIES, MARITIME, ROAD
from training.simulation.population.habits import draw_habits

FLEET: Final = 12  # vehicles of a carrier
CLASSES: Final = np.array(["car", "van", "minibus", "bus", "lorry", "person"])
CAR, VAN, MINIBUS, BUS, LORRY, ON_FOOT = range(6)
ELSEWHERE: Final = -1  # class of what flies, floats or runs on rails
TARE_KG: Final = np.array([1350.0, 2050.0, 2500.0, 12500.0, 14600.0, 0.0])
SEATS: Final = np.array([5, 3, 9, 52, 2, 1])


@dataclass(frozen=True)
class Vehicles(Columns):
    """Vehicles by position; those of a carrier begin at its position times `FLEET`.

    A person on foot is a row without a number or a keeper, so that every traveller has one.
    """

    ids: npt.NDArray[np.str_]
    vehicle_class: Ints
    keeper: Ints  # position in the register of parties, -1: none
    driver: Ints  # position among people, -1: none
    post: Ints  # the post it uses most
    weight: Floats  # of its own trips against others'
    entry_day: Floats
    habit: Ints  # of its own trips
    tare_kg: Floats
    organisation: Ints  # -1: none


@dataclass(frozen=True)
class Keeping(Columns):
    """Who keeps and who drives each vehicle, and the country of its plate."""

    keeper: Ints
    driver: Ints
    home: Ints
    organisation: Ints


def draw_vehicles(rng: np.random.Generator, classes: Ints, kept: Keeping) -> Vehicles:
    """Draw a vehicle of each class, without trips of its own as yet."""
    size = len(classes)
    on_foot = classes == ON_FOOT
    return Vehicles(
        ids=np.where(on_foot, "", plates(rng, kept.home)),
        vehicle_class=classes,
        keeper=np.where(on_foot, -1, kept.keeper),
        driver=kept.driver,
        post=np.full(size, -1),
        weight=np.zeros(size),
        entry_day=np.full(size, -(10.0**6)),
        habit=draw_habits(rng, np.where(classes == ELSEWHERE, LORRY, classes)),
        tare_kg=TARE_KG[classes] * np.exp(rng.normal(0, 0.08, size)),
        organisation=kept.organisation,
    )


def draw_fleets(rng: np.random.Generator, modes: Ints, kept: Keeping) -> Vehicles:
    """Draw the vehicles of carriers, the transport mode of each given."""
    drawn = draw_vehicles(rng, np.where(modes == ROAD, LORRY, ELSEWHERE), kept)
    return replace(drawn, ids=np.where(modes == MARITIME, imo_numbers(rng, len(modes)), drawn.ids))


def imo_numbers(rng: np.random.Generator, size: int) -> npt.NDArray[np.str_]:
    """Draw IMO ship numbers: six digits and their check digit, after the letters IMO."""
    serial = rng.integers(900_000, 1_000_000, size=size, dtype=np.int64)
    places = serial[:, None] // 10 ** np.arange(5, -1, -1) % 10
    check = (places * np.arange(7, 1, -1)).sum(axis=1) % 10
    return np.char.add("IMO", (serial * 10 + check).astype("U7"))


def plates(rng: np.random.Generator, homes: Ints) -> npt.NDArray[np.str_]:
    """Draw registration marks: the country, two digits, four letters or digits."""
    return text(np.hstack([ascii_codes(COUNTRIES[homes]), _random_digits(rng, len(homes))]))


def _random_digits(rng: np.random.Generator, size: int) -> Bytes:
    numbers: Ints = rng.integers(0, 10**2, size=size)
    letters = rng.integers(0, 36**4, size=size)
    return np.hstack(
        [digits(numbers.astype(np.uint64), 2, 10), digits(letters.astype(np.uint64), 4)]
    )


def lately(rng: np.random.Generator, size: int, days: int) -> Floats:
    """Draw when vehicles come into use: a third of them within the simulated days."""
    return np.where(some(rng, 0.35, size), rng.uniform(-120, days, size), -(10.0**6))
