"""Companions: who drives what, and what was found of the goods they carry."""

from __future__ import annotations

from features.catalog.kinship import aliases
from features.catalog.offenders import distance_to_offender, found_among
from features.catalog.trader import found
from features.catalog.vehicle import searched
from features.measures import Count
from features.neighbours import Neighbours
from features.profiles import Profile
from features.relations import Relation

__all__ = ["DERIVED", "PROFILES", "RELATIONS"]

FAMILY = "relations"

_TOGETHER = Count(
    "crossings", "This driver drove this vehicle {value} times in the last {window} days", (90,)
)

PROFILES = (
    *aliases("driver", "carrier"),
    Profile("vehicle_driver", ("vehicle_id", "driver_id"), "passages", (_TOGETHER,)),
    Profile("load", ("declaration_id",), "controls", found("the load's declaration")),
    Profile("carried", ("carrier_id",), "controls", found("goods of this carrier")),
)

_DRIVERS = Relation(
    "vehicle",
    ("vehicle_id",),
    "passages",
    "drivers",
    "driver_id",
    "This vehicle had {value} drivers in the last {window} days",
    (90,),
)
_VEHICLES = Relation(
    "driver",
    ("driver_id",),
    "passages",
    "vehicles",
    "vehicle_id",
    "This driver drove {value} vehicles in the last {window} days",
    (90,),
)


def _searched(relation: Relation, others: str, key: str) -> Neighbours:
    return found_among(relation, others, key, "searches", searched(f"any of the {others}"))


RELATIONS = (
    _DRIVERS,
    _VEHICLES,
    _searched(_DRIVERS, "drivers of this vehicle", "driver_id"),
    _searched(_VEHICLES, "vehicles of this driver", "vehicle_id"),
)

DERIVED = (
    distance_to_offender("vehicle", "drivers"),
    distance_to_offender("driver", "vehicles"),
)
