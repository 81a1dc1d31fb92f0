"""Valuation: the price per kilogram against that of like goods."""

from __future__ import annotations

import numpy as np

from features.catalog.trader import found, offence_rate
from features.feature import Array, Columns, number
from features.measures import Count, Maximum, Mean, Measure, Minimum, Spread
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES"]

FAMILY = "customs"

# Near the mean of the log unit values met, so that second moments do not cancel.
_CENTRE = 4.0
# Prices closer than this to one another are alike; below it, rounding would decide.
_LEAST_SPREAD = 0.05


def _prices(noun: str) -> tuple[Measure, ...]:
    return (
        Mean(
            "log_unit_value_mean",
            "log_unit_value",
            f"Mean log value per kg of {noun} is {{value}} over the last {{window}} days",
            (365,),
            centre=_CENTRE,
            unit="log currency/kg",
        ),
        Spread(
            "log_unit_value_std",
            "log_unit_value",
            f"Log values per kg of {noun} spread by {{value}} over the last {{window}} days",
            (365,),
            centre=_CENTRE,
            unit="log currency/kg",
        ),
    )


def _extremes(noun: str) -> tuple[Measure, ...]:
    return tuple(
        measure(
            f"log_unit_value_{name}",
            "log_unit_value",
            f"The {word} log value per kg of {noun} was {{value}} in the last {{window}} days",
            (365,),
            unit="log currency/kg",
        )
        for measure, name, word in ((Minimum, "min", "least"), (Maximum, "max", "greatest"))
    )


def _seen(noun: str) -> Count:
    sentence = f"{noun} stands in {{value}} declarations of the last {{window}} days"
    return Count("declarations", sentence, (365,), distinct="declaration_id")


PROFILES = (
    Profile("hs", ("hs",), "items", (_seen("This subheading"), *_prices("this subheading"))),
    Profile(
        "hs_origin",
        ("hs", "origin_country"),
        "items",
        (
            _seen("This subheading from this origin"),
            *_prices("this subheading from this origin"),
            *_extremes("this subheading from this origin"),
        ),
    ),
    Profile(
        "importer_hs", ("importer_id", "hs"), "items", _prices("this importer's goods of this kind")
    ),
    Profile("hs", ("hs",), "controls", found("this subheading")),
    Profile("hs_origin", ("hs", "origin_country"), "controls", found("this subheading and origin")),
)


@number("Customs value is {value}", unit="currency", missing="never")
def customs_value(columns: Columns) -> Array:
    """Value of the item for customs."""
    return columns["customs_value"]


@number("Value per kg is {value}", unit="currency/kg", missing="no value or no mass", digits=2)
def unit_value(columns: Columns) -> Array:
    """Value per net kilogram."""
    return np.exp(columns["log_unit_value"])


@number(
    "Value per kg is {value} (in logarithms) from the mean of this subheading and origin",
    unit="log ratio",
    missing="no unit value, or none of like goods",
    digits=2,
)
def unit_value_gap(columns: Columns) -> Array:
    """Log unit value less the mean of the same subheading and origin."""
    return columns["log_unit_value"] - columns["hs_origin__log_unit_value_mean__365d"]


@number(
    "Value per kg is {value} (in logarithms) outside the range of this subheading and origin",
    unit="log ratio",
    missing="no unit value, or none of like goods",
    digits=2,
)
def unit_value_excess(columns: Columns) -> Array:
    """Distance of the log unit value below the least or above the greatest of like goods."""
    value = columns["log_unit_value"]
    below = columns["hs_origin__log_unit_value_min__365d"] - value
    above = value - columns["hs_origin__log_unit_value_max__365d"]
    return np.maximum(np.maximum(below, above), 0.0)


@number(
    "Value per kg is {value} standard deviations from the mean of this subheading",
    unit="standard deviations",
    missing="no unit value, or too few of like goods",
    digits=1,
)
def unit_value_deviation(columns: Columns) -> Array:
    """Log unit value less the subheading's mean, in its standard deviations, of at least 5 %."""
    spread = columns["hs__log_unit_value_std__365d"]
    gap = columns["log_unit_value"] - columns["hs__log_unit_value_mean__365d"]
    return gap / np.maximum(spread, _LEAST_SPREAD)


@number(
    "Value per kg is {value} (in logarithms) from this importer's own mean for these goods",
    unit="log ratio",
    missing="no unit value, or the importer has none of these goods",
    digits=2,
)
def importer_price_gap(columns: Columns) -> Array:
    """Log unit value less the importer's own mean for the subheading."""
    return columns["log_unit_value"] - columns["importer_hs__log_unit_value_mean__365d"]


DERIVED = (
    customs_value,
    unit_value,
    unit_value_gap,
    unit_value_excess,
    unit_value_deviation,
    importer_price_gap,
    offence_rate("hs", "this subheading"),
    offence_rate("hs_origin", "this subheading and origin"),
)
