"""What agencies have registered of the parties, some of them twice under two identifiers.

Twice, because a party moved, was registered by two offices, or was typed in by a partner; the
second identifier stands beside the first from then on, or replaces it.

Invariant: whether and how a party is registered twice is drawn alike for all but for fronts, which
re-register more often, as honest firms also do.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Columns, Floats, Ints
from training.simulation.draw import some
from training.simulation.ids import party_ids
from training.simulation.population.names import address, firm, number, person, rewritten
from training.simulation.population.register import Register
from training.simulation.population.society import Society
from training.simulation.typologies import HONEST

TWICE_SHARE: Final = 0.08
TWICE_IF_FRONT: Final = 0.2
REPLACED_SHARE: Final = 0.4  # of second identifiers that replace the first
BESIDE: Final = 0.4  # share of the records that use a second identifier that does not
SHARED_ADDRESSES: Final = 0.12  # of parties, at a service provider that houses many
HOUSES: Final = 40
SAME_NUMBER: Final = 0.55  # of second registrations that repeat the number of the first


@dataclass(frozen=True)
class Registrations(Columns):
    """Registrations: first one for every party of the register that is listed, then second ones."""

    party: Ints  # position in the register
    ids: npt.NDArray[np.str_]
    name: npt.NDArray[np.object_]
    address: npt.NDArray[np.object_]
    number: npt.NDArray[np.object_]
    entry_day: Floats
    share: Floats  # of the party's records from then on that use this identifier; 1 for a first


def draw_registrations(rng: np.random.Generator, society: Society, days: int) -> Registrations:
    """Register everyone who is listed, and some of them a second time."""
    register = society.register
    listed = np.flatnonzero(register.is_listed)
    first = _first(rng, register, listed)
    front = register.organisation[listed] != HONEST
    share = np.where(front & (listed < society.offsets.exporters), TWICE_IF_FRONT, TWICE_SHARE)
    again = np.flatnonzero(some(rng, share, len(listed)))
    return Registrations.stack([first, _second(rng, first.take(again), days)])


def _first(rng: np.random.Generator, register: Register, listed: Ints) -> Registrations:
    houses = [address(rng) for _ in range(HOUSES)]
    shared = some(rng, SHARED_ADDRESSES, len(listed)) & ~register.is_person[listed]
    house = rng.integers(0, HOUSES, len(listed))
    return Registrations(
        party=listed,
        ids=register.ids[listed],
        name=_objects([person(rng) if p else firm(rng) for p in register.is_person[listed]]),
        address=_objects(
            [houses[h] if s else address(rng) for h, s in zip(house, shared, strict=True)]
        ),
        number=_objects([number(rng) for _ in listed]),
        entry_day=register.entry_day[listed],
        share=np.ones(len(listed)),
    )


def _second(rng: np.random.Generator, known: Registrations, days: int) -> Registrations:
    """Register these parties again, under the same shape of identifier, by another hand."""
    size = len(known)
    replaced = some(rng, REPLACED_SHARE, size)
    moved, repeated = some(rng, 0.15, size), some(rng, SAME_NUMBER, size)
    later = np.maximum(known.entry_day, -100) + rng.uniform(0, days, size)
    return replace(
        known,
        ids=_same_shape(rng, known.ids),
        name=_objects([rewritten(rng, each) for each in known.name]),
        address=_objects(
            [
                address(rng) if m else rewritten(rng, each)
                for each, m in zip(known.address, moved, strict=True)
            ]
        ),
        number=_objects(
            [each if r else number(rng) for each, r in zip(known.number, repeated, strict=True)]
        ),
        entry_day=np.where(replaced, later, known.entry_day + rng.uniform(0, 30, size)),
        share=np.where(replaced, 1.0, BESIDE),
    )


def _same_shape(rng: np.random.Generator, ids: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Draw new identifiers with the prefixes of these."""
    fresh = party_ids(rng, "XX", len(ids))
    heads = np.array([each[:2] for each in ids], dtype="U2")
    return np.char.add(heads, np.array([each[2:] for each in fresh], dtype="U7"))


def _objects(values: list[str]) -> npt.NDArray[np.object_]:
    return np.array([*values, None], dtype=np.object_)[:-1]
