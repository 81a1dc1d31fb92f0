"""Crossings as posts saw them, and searches of them."""

from __future__ import annotations

from tests.features.oracle.controls import controls, found
from tests.features.oracle.family import (
    Fact,
    Family,
    World,
    by,
    count,
    days_since_first,
    days_since_last,
    distinct,
    greatest,
    least,
    logarithm,
    mean,
    spread,
    versions,
)

_ENTITIES = {
    "crossings": {
        "vehicle": by("vehicle_id"),
        "driver": by("driver_id"),
        "carrier": by("carrier_id"),
        "vehicle_driver": by("vehicle_id", "driver_id"),
        "driver_post": by("driver_id", "post_id"),
        "vehicle_back": {"vehicle_id": "vehicle_id", "direction": "other_direction"},
        "driver_back": {"driver_id": "driver_id", "direction": "other_direction"},
        "post": by("post_id"),
        "post_direction": by("post_id", "direction"),
        "post_part": by("post_id", "part_of_day"),
        "post_class": by("post_id", "vehicle_class"),
        "class": by("vehicle_class"),
    }
}


def passages(world: World) -> list[Fact]:
    return [passage(row) for row in versions(world["crossings"])]


def passage(row: Fact) -> Fact:
    """Say what is derived from a crossing."""
    is_night = row["occurred_at"].hour in {22, 23, 0, 1, 2, 3}
    return row | {
        "other_direction": {"in": "out", "out": "in"}[row["direction"]],
        "part_of_day": "night" if is_night else "day",
        "log_mass": logarithm(row["gross_mass_kg"]),
        "persons": row["occupants"],
    }


def searched(world: World) -> list[Fact]:
    return controls(world, "crossings", "crossing_id", passages(world))


PASSAGES = Family(
    passages,
    _ENTITIES,
    {
        "crossings": count(),
        "drivers": distinct("driver_id"),
        "vehicles": distinct("vehicle_id"),
        "persons_mean": mean("persons"),
        "persons_spread": spread("persons"),
        "log_mass_mean": mean("log_mass"),
        "log_mass_spread": spread("log_mass"),
        "log_mass_min": least("log_mass"),
        "log_mass_max": greatest("log_mass"),
        "days_since_first": days_since_first,
        "days_since_last": days_since_last,
    },
    group="crossing_id",
    subject="crossings",
)
SEARCHES = Family(
    searched,
    _ENTITIES,
    found("searches", usual_share=0.03),
    group="crossing_id",
    subject="crossings",
)
