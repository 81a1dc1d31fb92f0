"""The events of transit movements: departure, offices passed, incidents, arrival.

Invariant: the events of a movement follow one another in time, and carry its seal's state so far.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Bools, Dated, Floats, Ints
from training.simulation.draw import some
from training.simulation.places import DEPOTS, OFFICES, POSTS, ROAD
from training.simulation.rhythm import SECOND_US, filing_delays
from training.simulation.trade.declarations import Declarations
from training.simulation.transit.journeys import Journeys
from training.simulation.transit.loads import Loads
from training.simulation.typologies import trait

EVENTS: Final = np.array(["departure", "transit", "incident", "arrival"])
SEALS: Final = np.array(["intact", "broken", "changed", "none"])
DEPARTURE, TRANSIT, INCIDENT, ARRIVAL = range(4)
INTACT, BROKEN, CHANGED, UNSEALED = range(4)
PLACES: Final = np.concatenate([OFFICES, POSTS, DEPOTS])  # offices of movements

UNSEALED_SHARE: Final = 0.1  # of movements: loads that cannot be sealed, simplified procedures
BROKEN_SHARE: Final = 0.018  # of honest seals: accidents
CHANGED_SHARE: Final = 0.03  # of honest seals: a control on the way, a new lorry
BREAKDOWN_SHARE: Final = 0.025  # of movements: an incident that leaves the seal alone
TOLD_SHARE: Final = 0.55  # of broken or changed seals reported as an incident when it happens
TOLD_IF_HIDDEN: Final = 0.2
WEIGHED_SHARE: Final = 0.6  # of arrivals, by the office's scales
PASSED_SHARES: Final = (0.85, 0.35)  # chances that a first and a second office note the passage


@dataclass(frozen=True)
class Movements(Dated):
    """Events of movements; codes are positions in this module's lists."""

    id: npt.NDArray[np.str_]
    event: Ints
    occurred_us: Ints
    office: Ints  # of `PLACES`
    declaration_id: npt.NDArray[np.str_]
    vehicle: Ints
    container: npt.NDArray[np.str_]
    seal: Ints
    gross_mass_kg: Floats
    due_us: Ints  # of a departure, else 0


@dataclass(frozen=True)
class Seals:
    """What befalls the seal of each movement, and when."""

    first: Ints
    last: Ints
    at_us: Ints
    is_told: Bools  # reported as an incident


@dataclass(frozen=True)
class Way:
    """The movements of a week, and a blank event of each to fill in."""

    blank: Movements
    mode: Ints
    office: Ints
    journeys: Journeys
    loads: Loads
    seals: Seals

    def __len__(self) -> int:
        return len(self.blank)

    def events(self, event: int, occurred_us: Ints, office: Ints) -> Movements:
        """Return an event of every movement, its seal in the state it is in by then."""
        opened = occurred_us >= self.seals.at_us
        return replace(
            self.blank,
            event=np.full(len(self), event),
            occurred_us=occurred_us,
            office=office,
            seal=np.where(opened, self.seals.last, self.seals.first),
        )


def draw_movements(
    rng: np.random.Generator,
    filed: Declarations,
    journeys: Journeys,
    loads: Loads,
    ids: npt.NDArray[np.str_],
) -> Movements:
    """Draw the events of the journeys that are under a transit movement."""
    moving = np.flatnonzero(journeys.is_moving)
    filed, journeys, loads = filed.take(moving), journeys.take(moving), loads.take(moving)
    way = Way(
        _blank(filed, ids[moving], loads.declared_kg),
        filed.mode,
        filed.office,
        journeys,
        loads,
        _seals(rng, filed.typology, journeys),
    )
    depot = len(OFFICES) + len(POSTS) + filed.departure
    departures = way.events(DEPARTURE, journeys.departed_us, depot)
    departures = replace(departures, due_us=journeys.due_us)
    parts = [departures, *_passages(rng, way), _incidents(rng, way), _arrivals(rng, way)]
    drawn = Movements.stack(parts)
    known = drawn.occurred_us + filing_delays(rng, len(drawn))
    return replace(drawn, known_us=known, gross_mass_kg=np.round(drawn.gross_mass_kg, 1))


def _blank(filed: Declarations, ids: npt.NDArray[np.str_], mass: Floats) -> Movements:
    zero = np.zeros(len(filed), dtype=np.int64)
    return Movements(
        known_us=zero,
        id=ids,
        event=zero,
        occurred_us=zero,
        office=zero,
        declaration_id=filed.id,
        vehicle=filed.vehicle,
        container=filed.container,
        seal=zero,
        gross_mass_kg=mass,
        due_us=zero,
    )


def _seals(rng: np.random.Generator, typology: Ints, journeys: Journeys) -> Seals:
    size = len(typology)
    first = np.where(some(rng, UNSEALED_SHARE, size), UNSEALED, INTACT)
    opened = some(rng, trait("journey", "seal_changed")[typology], size)
    broken, changed = some(rng, BROKEN_SHARE, size), some(rng, CHANGED_SHARE, size)
    by_hand = np.where(some(rng, 0.8, size), CHANGED, BROKEN)
    accident = np.where(broken, BROKEN, np.where(changed, CHANGED, INTACT))
    last = np.where(first == UNSEALED, UNSEALED, np.where(opened, by_hand, accident))
    told = some(rng, np.where(opened, TOLD_IF_HIDDEN, TOLD_SHARE), size)
    return Seals(first, last, _between(rng, journeys), told & (last != first))


def _between(rng: np.random.Generator, journeys: Journeys) -> Ints:
    """Draw an instant of each journey, after its first and before its last hours."""
    length = journeys.arrived_us - journeys.departed_us
    share = 0.1 + 0.8 * rng.random(len(length))
    return journeys.departed_us + (share * length).astype(np.int64) // SECOND_US * SECOND_US


def _passages(rng: np.random.Generator, way: Way) -> list[Movements]:
    """Return the passages at the border, by road a post of it, and at another office."""
    border = np.where(way.mode == ROAD, len(OFFICES) + way.journeys.post, way.office)
    further = rng.integers(0, len(OFFICES), len(way))
    first = way.events(TRANSIT, way.journeys.border_us, border)
    second = way.events(TRANSIT, _between(rng, way.journeys), further)
    return [
        passages.take(some(rng, share, len(way)))
        for passages, share in zip((first, second), PASSED_SHARES, strict=True)
    ]


def _incidents(rng: np.random.Generator, way: Way) -> Movements:
    """Return the incidents somebody reported: seals, and what leaves the seal alone."""
    breakdown = some(rng, BREAKDOWN_SHARE, len(way))
    when = np.where(way.seals.is_told, way.seals.at_us, _between(rng, way.journeys))
    office = rng.integers(0, len(OFFICES), len(way))
    return way.events(INCIDENT, when, office).take(way.seals.is_told | breakdown)


def _arrivals(rng: np.random.Generator, way: Way) -> Movements:
    weighed = some(rng, WEIGHED_SHARE, len(way))
    scales = way.loads.arriving_kg * np.exp(0.004 * rng.normal(size=len(way)))
    arrivals = way.events(ARRIVAL, way.journeys.arrived_us, way.office)
    mass = np.where(weighed, scales, way.loads.declared_kg)
    return replace(arrivals, gross_mass_kg=mass).take(~way.journeys.is_lost)
