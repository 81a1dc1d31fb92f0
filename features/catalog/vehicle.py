"""Vehicles, drivers and carriers: how they cross, how laden, and what searches of them found."""

from __future__ import annotations

import numpy as np

from features.feature import Array, Columns, Derived, Feature, number
from features.measures import Count, DaysSince, Maximum, Mean, Measure, Minimum, Rate
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES", "searched"]

FAMILY = "border"

# What searches at road posts find, and how many of them a prior belief in that is worth.
_USUAL_SHARE = 0.03
_PRIOR_SEARCHES = 10.0

_WHO = {"vehicle": "vehicle_id", "driver": "driver_id", "carrier": "carrier_id"}


def _crossed(noun: str) -> tuple[Measure, ...]:
    return (
        Count(
            "crossings",
            f"This {noun} crossed {{value}} times in the last {{window}} days",
            (1, 7, 90),
        ),
        DaysSince("days_since_last", f"This {noun} last crossed {{value}} days ago", (90,)),
        DaysSince(
            "days_since_first",
            f"This {noun} was first seen {{value}} days ago",
            (365,),
            first=True,
        ),
    )


def searched(noun: str) -> tuple[Count, Count, Rate]:
    """Count searches, and those that found an offence, with their share."""
    searches = Count(
        "searches",
        f"{noun} was searched {{value}} times in the last {{window}} days",
        (365,),
        distinct="inspection_id",
    )
    offences = Count(
        "offences",
        f"{{value}} searches of {noun} found an offence in the last {{window}} days",
        (90, 365),
        distinct="inspection_id",
        where="is_offence",
    )
    rate = Rate(
        "offence_rate",
        f"{{value}} of searches of {noun} found an offence in the last {{window}} days",
        (365,),
        hits=offences,
        among=searches,
        usual=_USUAL_SHARE,
        weight=_PRIOR_SEARCHES,
    )
    return searches, offences, rate


def _persons(said: str) -> Mean:
    return Mean(
        "persons_mean",
        "persons",
        f"{said} carried {{value}} persons on average in the last {{window}} days",
        (90,),
        centre=2.0,
        unit="persons",
    )


def _mass(said: str) -> Mean:
    return Mean(
        "log_mass_mean",
        "log_mass",
        f"{said} had a log mass of {{value}} on average in the last {{window}} days",
        (90,),
        centre=8.0,
        unit="log kg",
    )


_LOAD: tuple[Measure, ...] = (
    _persons("This vehicle"),
    *(
        measure(
            f"log_mass_{name}",
            "log_mass",
            f"The log of this vehicle's mass was {{value}} at {said} in the last {{window}} days",
            (365,),
            unit="log kg",
        )
        for measure, name, said in ((Minimum, "min", "least"), (Maximum, "max", "most"))
    ),
)


def _back(noun: str) -> tuple[Measure, ...]:
    said = f"This {noun}, the other way,"
    return (
        DaysSince("days_since_last", f"This {noun} came {{value}} days ago", (30,)),
        Count("crossings", f"{said} crossed {{value}} times in the last {{window}} days", (90,)),
        _persons(said),
        _mass(said),
    )


PROFILES = (
    *(Profile(entity, (key,), "passages", _crossed(entity)) for entity, key in _WHO.items()),
    *(
        Profile(entity, (key,), "searches", searched(f"this {entity}"))
        for entity, key in _WHO.items()
    ),
    Profile("vehicle", ("vehicle_id",), "passages", _LOAD),
    Profile("driver", ("driver_id",), "passages", (_persons("This driver"),)),
    Profile(
        "driver_post",
        ("driver_id", "post_id"),
        "passages",
        (
            Count(
                "crossings",
                "This driver crossed here {value} times in the last {window} days",
                (90,),
            ),
        ),
    ),
    *(
        Profile(
            f"{entity}_back",
            (key, "direction"),
            "passages",
            _back(entity),
            asked=(key, "other_direction"),
        )
        for entity, key in _WHO.items()
        if entity != "carrier"
    ),
    Profile(
        "post_direction",
        ("post_id", "direction"),
        "passages",
        (
            DaysSince("days_since_last", "The last crossing here was {value} days ago", (7,)),
            Count("crossings", "This way crossed {value} in the last {window} days", (30,)),
        ),
    ),
    Profile("post", ("post_id",), "searches", searched("this post")),
    Profile("post_class", ("post_id", "vehicle_class"), "searches", searched("this class here")),
)


@number(
    "The crossing before this one was {value} of the usual gap ago, this way at this post",
    unit="ratio",
    missing="no crossing this way in the week before",
    digits=2,
)
def gap_to_previous(columns: Columns) -> Array:
    """Time since the last crossing here in this direction, over the usual time between two."""
    a_day = columns["post_direction__crossings__30d"] / 30
    return columns["post_direction__days_since_last__7d"] * a_day


@number(
    "Mass is {value} kg above the least this vehicle was weighed at in a year",
    unit="kg",
    missing="not weighed, or never before",
)
def load_above_lightest(columns: Columns) -> Array:
    """Gross mass less the vehicle's least mass in a year."""
    return columns["gross_mass_kg"] - np.exp(columns["vehicle__log_mass_min__365d"])


@number(
    "Mass is {value} (in logarithms) above this vehicle's mean the other way",
    unit="log ratio",
    missing="not weighed, or not the other way in 90 days",
    digits=2,
)
def mass_against_way_back(columns: Columns) -> Array:
    """Log mass less the vehicle's mean in the other direction in 90 days."""
    return columns["log_mass"] - columns["vehicle_back__log_mass_mean__90d"]


def _persons_against_way_back(entity: str) -> Derived:
    def gap(columns: Columns) -> Array:
        return columns["persons"] - columns[f"{entity}_back__persons_mean__90d"]

    feature = Feature(
        name=f"{entity}_persons_against_way_back",
        kind="number",
        unit="persons",
        meaning=f"Persons on board less this {entity}'s mean in the other direction in 90 days.",
        missing="not counted, or not the other way in 90 days",
        wording=f"{{value}} more persons are on board than this {entity} has the other way",
        digits=1,
    )
    return Derived(feature, gap)


def _one_way_share(entity: str) -> Derived:
    def share(columns: Columns) -> Array:
        every = columns[f"{entity}__crossings__90d"]
        other = columns[f"{entity}_back__crossings__90d"]
        return (every - other) / np.where(every > 0, every, np.nan)

    feature = Feature(
        name=f"{entity}_one_way_share",
        kind="number",
        unit="share",
        meaning=f"Share of this {entity}'s crossings in 90 days that went this way.",
        missing="no crossing in 90 days",
        wording=f"{{value}} of this {entity}'s crossings in 90 days went this way",
        digits=2,
    )
    return Derived(feature, share)


DERIVED = (
    gap_to_previous,
    load_above_lightest,
    mass_against_way_back,
    *(_persons_against_way_back(entity) for entity in ("vehicle", "driver")),
    *(_one_way_share(entity) for entity in ("vehicle", "driver")),
)
