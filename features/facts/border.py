"""Facts of the border: crossings as posts saw them, and what controls of them found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from features.facts.controls import controls
from features.facts.fact import INSTANTS, Facts, day_of, filed, held, logarithm

__all__ = ["PASSAGES", "SEARCHES", "passages"]

Expression = Any  # ibis publishes no types

_HOUR_US = 3_600_000_000
_KEYS = {
    "vehicle_id": "string",
    "driver_id": "string",
    "carrier_id": "string",
    "post_id": "string",
    "vehicle_class": "string",
    "direction": "string",
    "part_of_day": "string",
    "declaration_id": "string",
}
_PASSAGE = {"crossing_id": "string", **INSTANTS, **_KEYS}


def passages(crossings: Expression) -> Expression:
    """Derive from crossings what profiles need: one row a crossing.

    ``other_direction`` is where a vehicle that turns round came from; ``part_of_day`` is ``night``
    at 22:00 UTC and after, until before 4:00, else ``day``; ``log_mass`` is the natural logarithm
    of gross mass in kg, missing where it is zero; ``persons`` are the occupants.
    """
    hour = (crossings.occurred_at // _HOUR_US) % 24
    return crossings.mutate(
        day=day_of(crossings.known_at),
        other_direction=ibis.ifelse(crossings.direction == "in", "out", "in"),
        part_of_day=ibis.ifelse((hour >= 22) | (hour < 4), "night", "day"),
        log_mass=logarithm(crossings.gross_mass_kg),
        persons=crossings.occupants.cast("float64"),
    )


def _passages(tables: Mapping[str, Expression]) -> Expression:
    seen = passages(held(tables["crossings"]))
    return filed(seen, "crossing_id").select(*PASSAGES.columns)


def _searches(tables: Mapping[str, Expression]) -> Expression:
    found, seen = tables["inspections"], _passages({"crossings": tables["crossings"]})
    return controls(found, "crossings", seen, "crossing_id").select(*SEARCHES.columns)


PASSAGES = Facts(
    "passages",
    {"crossings": "crossing_id"},
    "crossing_id",
    {**_PASSAGE, "persons": "float64", "log_mass": "float64"},
    _passages,
    subject="crossings",
)
SEARCHES = Facts(
    "searches",
    {"crossings": "crossing_id", "inspections": "subject_id"},
    "crossing_id",
    {"inspection_id": "string", **_PASSAGE, "is_offence": "boolean"},
    _searches,
    subject="crossings",
)
