"""Crossings: what a post saw of the vehicle or person itself."""

from __future__ import annotations

import numpy as np

from features.feature import Array, Columns, category, number
from features.measures import Count, Mean, Spread
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES"]

FAMILY = "border"

_DAY_US = 86_400_000_000

PROFILES = (
    Profile(
        "post",
        ("post_id",),
        "passages",
        (Count("crossings", "This post saw {value} crossings in the last {window} days", (30,)),),
    ),
    Profile(
        "post_part",
        ("post_id", "part_of_day"),
        "passages",
        (
            Count(
                "crossings",
                "This post saw {value} crossings at this part of the day in the last {window} days",
                (30,),
            ),
        ),
    ),
    Profile(
        "class",
        ("vehicle_class",),
        "passages",
        (
            Mean(
                "persons_mean",
                "persons",
                "Vehicles of this class carried {value} persons in the last {window} days",
                (90,),
                centre=2.0,
                unit="persons",
            ),
            Spread(
                "persons_spread",
                "persons",
                "Persons in vehicles of this class spread by {value} in the last {window} days",
                (90,),
                centre=2.0,
                unit="persons",
            ),
            Mean(
                "log_mass_mean",
                "log_mass",
                "Log mass of vehicles of this class averaged {value} in the last {window} days",
                (90,),
                centre=8.0,
                unit="log kg",
            ),
            Spread(
                "log_mass_spread",
                "log_mass",
                "Log mass of vehicles of this class spread by {value} in the last {window} days",
                (90,),
                centre=8.0,
                unit="log kg",
            ),
        ),
    ),
)


@category("Crossed at post {value}", unit="post", missing="never")
def post(columns: Columns) -> Array:
    """Border post."""
    return columns["post_id"]


@category("Direction is {value}", unit="direction", missing="never")
def direction_of_travel(columns: Columns) -> Array:
    """Into the country or out of it."""
    return columns["direction"]


@category("Vehicle is of class {value}", unit="class", missing="not stated")
def class_of_vehicle(columns: Columns) -> Array:
    """Class of vehicle."""
    return columns["vehicle_class"]


@number("Crossed {value} hours after midnight UTC", unit="hours", missing="never", digits=1)
def hour(columns: Columns) -> Array:
    """Hour of the day, UTC, with its fraction."""
    return _micros(columns) % _DAY_US / 3.6e9


@number("Crossed on weekday {value}, Monday being 0", unit="weekday", missing="never")
def weekday(columns: Columns) -> Array:
    """Day of the week, Monday 0."""
    return (_micros(columns) // _DAY_US + 3.0) % 7


@number("{value} persons are on board", unit="persons", missing="not counted")
def persons_on_board(columns: Columns) -> Array:
    """Persons on board, the driver among them."""
    return columns["persons"]


@number("Gross mass is {value} kg", unit="kg", missing="not weighed")
def gross_mass(columns: Columns) -> Array:
    """Gross mass as declared or weighed."""
    return columns["gross_mass_kg"]


@number("Plate was read: {value}", unit="0 or 1", missing="never")
def has_plate(columns: Columns) -> Array:
    """Whether the vehicle's plate is known."""
    return np.array([one is not None for one in columns["vehicle_id"]], dtype=float)


@number("Goods on board are declared: {value}", unit="0 or 1", missing="never")
def has_declaration(columns: Columns) -> Array:
    """Whether a declaration of the goods on board is named."""
    return np.array([one is not None for one in columns["declaration_id"]], dtype=float)


@number(
    "Persons on board are {value} spreads above what this class carries",
    unit="spreads",
    missing="not counted, or a new class",
    digits=1,
)
def persons_gap(columns: Columns) -> Array:
    """Persons on board against what vehicles of this class carry, in spreads."""
    usual, spread = columns["class__persons_mean__90d"], columns["class__persons_spread__90d"]
    return (columns["persons"] - usual) / np.where(spread > 0, spread, np.nan)


@number(
    "Log mass is {value} spreads above what is usual for this class",
    unit="spreads",
    missing="not weighed, or a new class",
    digits=1,
)
def mass_gap(columns: Columns) -> Array:
    """Mass against what vehicles of this class weigh, in spreads of the logarithm."""
    usual, spread = columns["class__log_mass_mean__90d"], columns["class__log_mass_spread__90d"]
    return (columns["log_mass"] - usual) / np.where(spread > 0, spread, np.nan)


@number(
    "{value} of this post's crossings are at this part of the day",
    unit="share",
    missing="new post",
    digits=2,
)
def part_of_day_share(columns: Columns) -> Array:
    """Share of the post's crossings at this part of the day."""
    every = columns["post__crossings__30d"]
    return columns["post_part__crossings__30d"] / np.where(every > 0, every, np.nan)


def _micros(columns: Columns) -> Array:
    return np.asarray(columns["occurred_at"]).astype("datetime64[us]").astype("int64")


DERIVED = (
    post,
    direction_of_travel,
    class_of_vehicle,
    hour,
    weekday,
    persons_on_board,
    gross_mass,
    has_plate,
    has_declaration,
    persons_gap,
    mass_gap,
    part_of_day_share,
)
