"""Facts of transit: what was seen of a movement on its way, and what it says of its parties.

``events`` are looked up by the load itself (its declaration, container, vehicle) and by corridor,
which is the country of the office of departure and the office of arrival; ``transits`` are the same
events by the parties of the declaration they name, and there an arrival's departure is one that
names the same declaration. What became known of a departure after its arrival changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from features.facts.declared import PARTIES, beside_declaration
from features.facts.fact import INSTANTS, Facts, dated, day_of, filed, held, logarithm

__all__ = ["EVENTS", "TRANSITS"]

Expression = Any  # ibis publishes no types

_HOUR_US = 3.6e9
_VALUES = {
    "is_departure": "boolean",
    "is_arrival": "boolean",
    "is_incident": "boolean",
    "is_unsealed": "boolean",
    "is_late": "boolean",
    "log_hours": "float64",
    "log_mass_lost": "float64",
    "gross_mass_kg": "float64",
}
_ARRIVED = ["event_id", "known_at"]


def _journeys(movements: Expression, *together: str) -> Expression:
    """Lay beside every arrival the departure of its movement, as it was known then.

    ``log_hours`` is the natural logarithm of hours on the way, ``log_mass_lost`` of the mass that
    departed over the mass that arrived, missing where that is not above zero; ``is_late`` says that
    it arrived after it was due. All three, and ``departure_country``, only at arrivals whose
    departure was known by then. Where several departures were, the earliest counts, the greatest
    mass, the last due time, and of their offices the last in alphabetical order.

    ``is_unsealed`` marks any event at which seals were found broken or changed.

    Parameters
    ----------
    together : columns besides the movement in which the two must agree.
    """
    instant = movements.occurred_at.cast("string")
    place = movements.event + "|" + movements.office_id
    event_id = movements.movement_id + "|" + place + "|" + instant
    every = held(movements.mutate(event_id=event_id))
    departed = every.filter(every.event == "departure").rename("of_{name}")
    arrived = every.filter(every.event == "arrival")
    then = arrived.inner_join(
        departed,
        [
            *(arrived[name] == departed[f"of_{name}"] for name in ("movement_id", *together)),
            departed.of_known_at <= arrived.known_at,
            departed.of_superseded_at.isnull() | (departed.of_superseded_at > arrived.known_at),
        ],
    )
    left = then.group_by(*_ARRIVED).aggregate(
        left_at=then.of_occurred_at.min(),
        left_office=then.of_office_id.max(),
        left_mass_kg=then.of_gross_mass_kg.max(),
        left_due_at=then.of_due_at.max(),
    )
    joined = every.left_join(left, _ARRIVED, rname="left_{name}")
    hours = (joined.occurred_at - joined.left_at).cast("float64") / _HOUR_US
    lost = joined.left_mass_kg / joined.gross_mass_kg.nullif(0)
    return joined.mutate(
        departure_country=joined.left_office.substr(0, 2),
        is_departure=joined.event == "departure",
        is_arrival=joined.event == "arrival",
        is_incident=joined.event == "incident",
        is_unsealed=ibis.coalesce(joined.seal_state.isin(["broken", "changed"]), False),
        is_late=ibis.coalesce(joined.occurred_at > joined.left_due_at, False),
        log_hours=logarithm(hours),
        log_mass_lost=logarithm(lost),
    )


def _events(tables: Mapping[str, Expression]) -> Expression:
    facts = _journeys(tables["movements"])
    facts = facts.mutate(day=day_of(facts.known_at))
    return filed(facts, "event_id").select(*EVENTS.columns)


def _transits(tables: Mapping[str, Expression]) -> Expression:
    seen = _journeys(tables["movements"], "declaration_id")
    facts = beside_declaration(seen, tables["declarations"], ["event_id"])
    return dated(facts, "event_id").select(*TRANSITS.columns)


EVENTS = Facts(
    "events",
    {"movements": "movement_id"},
    "movement_id",
    {
        "event_id": "string",
        "movement_id": "string",
        **INSTANTS,
        "declaration_id": "string",
        "transport_id": "string",
        "container_id": "string",
        "office_id": "string",
        "departure_country": "string",
        **_VALUES,
    },
    _events,
)
TRANSITS = Facts(
    "transits",
    {"movements": "declaration_id", "declarations": "declaration_id"},
    "declaration_id",
    {"event_id": "string", "declaration_id": "string", **INSTANTS, **PARTIES, **_VALUES},
    _transits,
)
