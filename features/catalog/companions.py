"""Companions: who drives what, and what was found of the goods they carry."""

from __future__ import annotations

from features.catalog.kinship import aliases
from features.catalog.trader import found
from features.measures import Count
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

RELATIONS = (
    Relation(
        "vehicle",
        ("vehicle_id",),
        "passages",
        "drivers",
        "driver_id",
        "This vehicle had {value} drivers in the last {window} days",
        (90,),
    ),
    Relation(
        "driver",
        ("driver_id",),
        "passages",
        "vehicles",
        "vehicle_id",
        "This driver drove {value} vehicles in the last {window} days",
        (90,),
    ),
)

DERIVED = ()
