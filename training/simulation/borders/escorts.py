"""Travellers brought over by a leader: workers of an agency, and persons who are trafficked.

Invariant: both are drawn by the same code; only how they are paid, when they cross and how soon the
leader is back differ, and overlap.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.borders.crossings import IN, OUT, PERSON_KG, Crossings, draw_crossings
from training.simulation.borders.routes import Routes, active_routes
from training.simulation.borders.travel import clock
from training.simulation.columns import Columns, Ints
from training.simulation.draw import some, weighted
from training.simulation.population.groups import LEADERS, TRAVELLERS, Groups
from training.simulation.population.society import Society
from training.simulation.population.vehicles import ON_FOOT
from training.simulation.rhythm import DAY_US, SECOND_US
from training.simulation.typologies import HONEST, trait

AGENCY_OUTINGS_A_DAY: Final = 1.5  # at scale 1
ROWS_OF_OUTING: Final = 1.7  # crossings into the country of an outing, on average
ON_FOOT_SHARE: Final = 0.2
MOST: Final = 5  # travellers of an outing
AGENCY_NIGHT: Final = 0.15
AGENCY_TURNS: Final = 0.3


@dataclass(frozen=True)
class Outings(Columns):
    """Journeys of a leader with travellers."""

    group: Ints
    way: Ints  # row of the routes, -1: honest
    post: Ints
    leader: Ints  # number within the group
    booked_us: Ints
    occurred_us: Ints
    travellers: Ints
    first: Ints  # number of the first traveller within the group
    typology: Ints


def draw_outings(
    rng: np.random.Generator,
    society: Society,
    routes: Routes,
    days: tuple[Ints, Ints],
    start_us: int,
) -> Outings:
    """Draw the outings booked on these days, of agencies and of traffickers."""
    groups, (honest_days, hidden_days) = society.groups, days
    honest = np.flatnonzero(groups.organisation == HONEST)
    chosen = honest[weighted(rng, groups.weight[honest], len(honest_days))]
    hidden_days, way = active_routes(rng, routes, "escorts", hidden_days)
    group = np.concatenate([chosen, _groups_of(groups, routes.organisation[way])])
    route = np.concatenate([np.full(len(chosen), -1), way])
    booked = start_us + np.concatenate([honest_days, hidden_days]) * DAY_US
    hidden = route >= 0
    typology = np.where(hidden, routes.typology[route], HONEST)
    usual = society.vehicles.post[groups.first_vehicle[group]]
    size = len(group)
    night = np.where(hidden, trait("border", "night")[typology], AGENCY_NIGHT)
    ahead = rng.integers(5, 20, size) * DAY_US + clock(rng, rng.normal(13, 4, size), night)
    return Outings(
        group=group,
        way=route,
        post=np.where(hidden, routes.draw_posts(rng, route), usual),
        leader=rng.integers(0, LEADERS, size),
        booked_us=booked + rng.integers(0, 86_400, size) * SECOND_US,
        occurred_us=booked + ahead,
        travellers=rng.integers(2, MOST + 1, size),
        first=rng.integers(0, TRAVELLERS, size),
        typology=typology,
    )


def _groups_of(groups: Groups, organisations: Ints) -> Ints:
    """Return the group each of these organisations runs."""
    order = np.argsort(groups.organisation, kind="stable")
    return order[np.searchsorted(groups.organisation[order], organisations)]


def escort(rng: np.random.Generator, society: Society, outings: Outings) -> Crossings:
    """Return the crossings of the outings: on foot one by one, or in the leader's vehicle."""
    on_foot = some(rng, ON_FOOT_SHARE, len(outings))
    ridden, walked = outings.take(~on_foot), outings.take(on_foot)
    led = [_ride(rng, society, ridden), _leaders(rng, society, walked)]
    return Crossings.stack([*led, _walk(rng, society, walked), _return(rng, society, outings)])


def travellers_of(groups: Groups, outings: Outings) -> tuple[Ints, Ints]:
    """Return the row of the outing and the person, for each traveller of each outing."""
    row = np.repeat(np.arange(len(outings)), outings.travellers)
    number = np.arange(len(row)) - np.searchsorted(row, row)
    place = (outings.first[row] + number) % TRAVELLERS
    return row, groups.first_traveller[outings.group[row]] + place


def _marked(crossings: Crossings, society: Society, outings: Outings) -> Crossings:
    return replace(
        crossings,
        typology=outings.typology,
        organisation=society.groups.organisation[outings.group],
        way=outings.way,
    )


def _ride(rng: np.random.Generator, society: Society, outings: Outings) -> Crossings:
    vehicle = society.groups.first_vehicle[outings.group] + outings.leader
    when = (outings.occurred_us, outings.post)
    drawn = draw_crossings(rng, society.vehicles, vehicle, when, np.full(len(outings), IN))
    kg = drawn.gross_mass_kg + PERSON_KG * (outings.travellers + 1 - drawn.occupants)
    drawn = replace(drawn, occupants=outings.travellers + 1, gross_mass_kg=kg)
    return _marked(drawn, society, outings)


def _afoot(
    rng: np.random.Generator, society: Society, person: Ints, when: tuple[Ints, Ints]
) -> Crossings:
    walker = int(np.flatnonzero(society.vehicles.vehicle_class == ON_FOOT)[0])
    size = len(person)
    drawn = draw_crossings(rng, society.vehicles, np.full(size, walker), when, np.full(size, IN))
    return replace(drawn, driver=person)


def _leaders(rng: np.random.Generator, society: Society, outings: Outings) -> Crossings:
    person = society.groups.first_leader[outings.group] + outings.leader
    drawn = _afoot(rng, society, person, (outings.occurred_us, outings.post))
    return _marked(drawn, society, outings)


def _walk(rng: np.random.Generator, society: Society, outings: Outings) -> Crossings:
    row, person = travellers_of(society.groups, outings)
    seconds = rng.exponential(150, len(row)).astype(np.int64) + 5
    when = (outings.occurred_us[row] + seconds * SECOND_US, outings.post[row])
    return _marked(_afoot(rng, society, person, when), society, outings.take(row))


def _return(rng: np.random.Generator, society: Society, outings: Outings) -> Crossings:
    """Let some leaders go back alone within a day or so."""
    hidden = outings.typology != HONEST
    share = np.where(hidden, trait("border", "turns_round")[outings.typology], AGENCY_TURNS)
    outings = outings.take(some(rng, share, len(outings)))
    hours = rng.lognormal(np.log(9), 0.7, len(outings))
    later = outings.occurred_us + (hours * 3600).astype(np.int64) * SECOND_US
    vehicle = society.groups.first_vehicle[outings.group] + outings.leader
    out = np.full(len(outings), OUT)
    return draw_crossings(rng, society.vehicles, vehicle, (later, outings.post), out)
