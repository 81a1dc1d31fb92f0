"""Vehicles, drivers and carriers: how they cross, whom with, and what searches of them found."""

from __future__ import annotations

from features.catalog.kinship import aliases
from features.measures import Count, DaysSince, Maximum, Mean, Measure
from features.profiles import Profile
from features.relations import Relation

__all__ = ["DERIVED", "PROFILES", "RELATIONS"]

_WHO = {"vehicle": "vehicle_id", "driver": "driver_id", "carrier": "carrier_id"}


def _crossed(noun: str) -> tuple[Measure, ...]:
    return (
        Count(
            "crossings",
            f"This {noun} crossed {{value}} times in the last {{window}} days",
            (7, 90),
        ),
        DaysSince("days_since_last", f"This {noun} last crossed {{value}} days ago", (90,)),
        DaysSince(
            "days_since_first",
            f"This {noun} was first seen {{value}} days ago",
            (365,),
            first=True,
        ),
    )


def searched(noun: str) -> tuple[Count, Count]:
    """Count searches, and those that found an offence."""
    return (
        Count(
            "searches",
            f"{noun} was searched {{value}} times in the last {{window}} days",
            (365,),
            distinct="inspection_id",
        ),
        Count(
            "offences",
            f"{{value}} searches of {noun} found an offence in the last {{window}} days",
            (365,),
            distinct="inspection_id",
            where="is_offence",
        ),
    )


def _together(noun: str) -> tuple[Count]:
    sentence = f"Crossed with this {noun} {{value}} times in the last {{window}} days"
    return (Count("crossings", sentence, (90,)),)


_LOAD = (
    Mean(
        "persons_mean",
        "persons",
        "This vehicle carried {value} persons on average in the last {window} days",
        (90,),
        centre=2.0,
        unit="persons",
    ),
    Maximum(
        "log_mass_max",
        "log_mass",
        "The log of this vehicle's mass was {value} at most in the last {window} days",
        (90,),
        unit="log kg",
    ),
)

PROFILES = (
    *aliases("driver", "carrier"),
    *(Profile(entity, (key,), "passages", _crossed(entity)) for entity, key in _WHO.items()),
    *(
        Profile(entity, (key,), "searches", searched(f"this {entity}"))
        for entity, key in _WHO.items()
    ),
    Profile("vehicle", ("vehicle_id",), "passages", _LOAD),
    Profile("vehicle_driver", ("vehicle_id", "driver_id"), "passages", _together("driver")),
    Profile("driver_post", ("driver_id", "post_id"), "passages", _together("post")),
    *(
        Profile(
            f"{entity}_back",
            (key, "direction"),
            "passages",
            (DaysSince("days_since_last", f"This {entity} came {{value}} days ago", (30,)),),
            asked=(key, "other_direction"),
        )
        for entity, key in _WHO.items()
        if entity != "carrier"
    ),
    Profile(
        "post_direction",
        ("post_id", "direction"),
        "passages",
        (DaysSince("days_since_last", "The last crossing here was {value} days ago", (7,)),),
    ),
    Profile("post", ("post_id",), "searches", searched("this post")),
    Profile("post_class", ("post_id", "vehicle_class"), "searches", searched("this class here")),
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
