"""Transit: how the load itself travelled, and how those who trade in it let theirs travel."""

from __future__ import annotations

import numpy as np

from features.catalog.goods import shipment_total
from features.feature import Array, Columns, Derived, Feature, number
from features.measures import Count, DaysSince, Maximum, Mean, Measure, Minimum, Spread
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES", "of_load", "on_the_way"]

FAMILY = "transit"

_PARTIES = ("importer", "exporter", "carrier")


def on_the_way(noun: str, window: int) -> tuple[Measure, ...]:
    """Count movements that left and arrived, and what happened to them on the way."""

    def count(name: str, said: str, flag: str) -> Count:
        return Count(name, f"{noun}: {{value}} {said} in {{window}} days", (window,), where=flag)

    return (
        count("departures", "movements departed", "is_departure"),
        count("arrivals", "movements arrived", "is_arrival"),
        count("late_arrivals", "movements arrived late", "is_late"),
        count("incidents", "incidents on the way", "is_incident"),
        count("seals_opened", "seals found broken or changed", "is_unsealed"),
        Mean(
            "log_mass_lost_mean",
            "log_mass_lost",
            f"{noun}: log of mass departed over mass arrived averaged {{value}} in {{window}} days",
            (window,),
            unit="log ratio",
        ),
    )


def of_load(window: int) -> tuple[Measure, ...]:
    """Measure the journey of one load."""
    return (
        *on_the_way("This load", window),
        Mean(
            "log_hours_mean",
            "log_hours",
            "The log of hours this load was on the way was {value} in {window} days",
            (window,),
            unit="log hours",
        ),
        *(
            measure(
                f"gross_mass_{name}",
                "gross_mass_kg",
                f"This load weighed {{value}} kg at {name_of} on its way in {{window}} days",
                (window,),
                unit="kg",
            )
            for measure, name, name_of in ((Minimum, "min", "least"), (Maximum, "max", "most"))
        ),
        DaysSince(
            "days_since_departure", "This load departed {value} days ago", (window,), first=True
        ),
    )


PROFILES = (
    Profile("load", ("declaration_id",), "events", of_load(90)),
    Profile("transport", ("transport_id",), "events", on_the_way("This means of transport", 90)),
    Profile(
        "corridor",
        ("departure_country", "office_id"),
        "events",
        (
            Mean(
                "log_hours_mean",
                "log_hours",
                "The log of hours on this corridor averaged {value} in {window} days",
                (365,),
                centre=4.0,
                unit="log hours",
            ),
            Spread(
                "log_hours_spread",
                "log_hours",
                "The log of hours on this corridor spread by {value} in {window} days",
                (365,),
                centre=4.0,
                unit="log hours",
            ),
        ),
    ),
    *(
        Profile(party, (f"{party}_id",), "transits", on_the_way(f"This {party}", 365))
        for party in _PARTIES
    ),
)


@number(
    "The load was on the way {value} spreads longer than is usual on this corridor",
    unit="spreads",
    missing="not arrived yet, or a new corridor",
    digits=1,
)
def transit_time_gap(columns: Columns) -> Array:
    """Log hours on the way against the corridor's normal, in spreads."""
    usual = columns["corridor__log_hours_mean__365d"]
    spread = columns["corridor__log_hours_spread__365d"]
    own = columns["load__log_hours_mean__90d"]
    return (own - usual) / np.where(spread > 0, spread, np.nan)


@number(
    "On its way the load weighed {value} times what is declared",
    unit="ratio",
    missing="not weighed on its way, or no gross mass declared",
    digits=2,
)
def moved_to_declared_mass(columns: Columns) -> Array:
    """Greatest mass on the way over the declaration's gross mass."""
    declared = shipment_total(columns, "gross_mass_kg")
    return columns["load__gross_mass_max__90d"] / np.where(declared > 0, declared, np.nan)


@number(
    "On its way the load weighed {value} of what is declared at least",
    unit="ratio",
    missing="not weighed on its way, or no gross mass declared",
    digits=2,
)
def least_to_declared_mass(columns: Columns) -> Array:
    """Least mass on the way over the declaration's gross mass."""
    declared = shipment_total(columns, "gross_mass_kg")
    return columns["load__gross_mass_min__90d"] / np.where(declared > 0, declared, np.nan)


@number("The load has departed and not arrived: {value}", unit="0 or 1", missing="never")
def is_on_the_way(columns: Columns) -> Array:
    """Whether the load's movement has departed and not arrived yet."""
    departed = columns["load__departures__90d"] > 0
    return (departed & (columns["load__arrivals__90d"] == 0)).astype(float)


def _unarrived(party: str) -> Derived:
    def share(columns: Columns) -> Array:
        departed = columns[f"{party}__departures__365d"]
        missing = departed - columns[f"{party}__arrivals__365d"]
        return missing / np.where(departed > 0, departed, np.nan)

    feature = Feature(
        name=f"{party}_unarrived_share",
        kind="number",
        unit="share",
        meaning=f"Share of this {party}'s movements in a year that have not arrived.",
        missing="no movement",
        wording=f"{{value}} of this {party}'s movements in a year have not arrived",
        digits=2,
    )
    return Derived(feature, share)


DERIVED = (
    transit_time_gap,
    moved_to_declared_mass,
    least_to_declared_mass,
    is_on_the_way,
    *(_unarrived(party) for party in _PARTIES),
)
