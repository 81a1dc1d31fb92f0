"""Events of transit movements, by what moved and by the parties of the goods moved."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tests.features.oracle.declared import of_declarations
from tests.features.oracle.family import (
    Fact,
    Family,
    World,
    by,
    count,
    days_since_first,
    greatest,
    in_force_at,
    least,
    logarithm,
    mean,
    spread,
    versions,
)

_HOUR = pd.Timedelta(hours=1)
_MEASURES = {
    "departures": count("is_departure"),
    "arrivals": count("is_arrival"),
    "late_arrivals": count("is_late"),
    "incidents": count("is_incident"),
    "seals_opened": count("is_unsealed"),
    "log_mass_lost_mean": mean("log_mass_lost"),
    "log_hours_mean": mean("log_hours"),
    "log_hours_spread": spread("log_hours"),
    "gross_mass_min": least("gross_mass_kg"),
    "gross_mass_max": greatest("gross_mass_kg"),
    "days_since_departure": days_since_first,
}


def events(world: World) -> list[Fact]:
    """Give every event, an arrival with the departures of its movement."""
    return _journeys(world, lambda left, arrived: left["movement_id"] == arrived["movement_id"])


def transits(world: World) -> list[Fact]:
    """Give the same by the parties of the declaration that both departure and arrival name."""

    def same(left: Fact, arrived: Fact) -> bool:
        names = ("movement_id", "declaration_id")
        return all(left[name] == arrived[name] is not None for name in names)

    return of_declarations(_journeys(world, same), world)


def _journeys(world: World, same: Callable[[Fact, Fact], bool]) -> list[Fact]:
    seen = versions(world["movements"])
    departed = [row for row in seen if row["event"] == "departure"]
    found = []
    for row in seen:
        left = []
        if row["event"] == "arrival":
            mine = [one for one in departed if same(one, row)]
            left = in_force_at(mine, row["known_at"])
        found.append(row | _happened(row) | _travelled(row, left))
    return found


def _happened(row: Fact) -> Fact:
    return {
        "is_departure": row["event"] == "departure",
        "is_arrival": row["event"] == "arrival",
        "is_incident": row["event"] == "incident",
        "is_unsealed": row["seal_state"] in {"broken", "changed"},
    }


def _travelled(arrived: Fact, left: list[Fact]) -> Fact:
    """Say how a journey went: from the earliest departure, the heaviest, the last due."""
    if not left:
        nothing = ("departure_country", "log_hours", "log_mass_lost")
        return {**dict.fromkeys(nothing), "is_late": False}
    first = min(one["occurred_at"] for one in left)
    due = max((one["due_at"] for one in left if one["due_at"] is not None), default=None)
    masses = [one["gross_mass_kg"] for one in left if one["gross_mass_kg"] is not None]
    weighed = masses and arrived["gross_mass_kg"]
    return {
        "departure_country": max(one["office_id"] for one in left)[:2],
        "is_late": due is not None and arrived["occurred_at"] > due,
        "log_hours": logarithm((arrived["occurred_at"] - first) / _HOUR),
        "log_mass_lost": logarithm(max(masses) / weighed) if weighed else None,
    }


EVENTS = Family(
    events,
    {
        "shipments": {
            "load": by("declaration_id"),
            "container": by("container_id"),
            "transport": by("transport_id"),
            "corridor": by("departure_country", "office_id"),
        },
        "crossings": {"load": by("declaration_id"), "vehicle": {"transport_id": "vehicle_id"}},
    },
    _MEASURES,
)
TRANSITS = Family(
    transits,
    {
        "shipments": {party: by(f"{party}_id") for party in ("importer", "exporter", "carrier")},
        "crossings": {"carrier": by("carrier_id")},
    },
    _MEASURES,
)
