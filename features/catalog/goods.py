"""Goods: what the declaration says of the item itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.feature import Array, Columns, category, number
from features.measures import Mean, Spread
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES", "shipment_total"]

FAMILY = "customs"

PROFILES = (
    Profile(
        "hs",
        ("hs",),
        "items",
        tuple(
            measure(
                f"{value}_{name}",
                value,
                f"The log of this subheading's {noun} {verb} {{value}} in {{window}} days",
                (365,),
                centre=centre,
                unit=unit,
            )
            for value, noun, centre, unit in (
                ("log_net_mass", "net mass", 6.0, "log kg"),
                ("log_packing", "packing over net mass", -2.0, "log ratio"),
            )
            for measure, name, verb in ((Mean, "mean", "averages"), (Spread, "std", "spreads by"))
        ),
    ),
)


@category("Goods are of HS subheading {value}", unit="HS code", missing="none was declared")
def hs_subheading(columns: Columns) -> Array:
    """HS subheading, six digits."""
    return columns["hs"]


@category("Goods are of HS heading {value}", unit="HS code", missing="none was declared")
def hs_heading(columns: Columns) -> Array:
    """HS heading, four digits."""
    return columns["heading"]


@category("Goods are of HS chapter {value}", unit="HS code", missing="none was declared")
def hs_chapter(columns: Columns) -> Array:
    """HS chapter, two digits."""
    return np.array([heading and heading[:2] for heading in columns["heading"]], dtype=object)


@category("Tariff treatment claimed is {value}", unit="national code", missing="none was claimed")
def tax_type(columns: Columns) -> Array:
    """Tariff treatment claimed."""
    return columns["tax_type"]


@category("Kind of import is {value}", unit="national code", missing="not stated")
def import_type(columns: Columns) -> Array:
    """Kind of import."""
    return columns["import_type"]


@category("Intended use of the goods is {value}", unit="national code", missing="not stated")
def import_use(columns: Columns) -> Array:
    """Intended use of the goods."""
    return columns["import_use"]


@category("Clearance process is {value}", unit="national code", missing="not stated")
def process_type(columns: Columns) -> Array:
    """Kind of clearance process."""
    return columns["process_type"]


@category("The price is settled by {value}", unit="national code", missing="not stated")
def payment_type(columns: Columns) -> Array:
    """How the price is settled."""
    return columns["payment_type"]


@category("Origin is shown by {value}", unit="national code", missing="not stated")
def origin_indicator(columns: Columns) -> Array:
    """How the origin is marked or proved."""
    return columns["origin_indicator"]


@number("Rate of duty is {value} %", unit="%", missing="no rate was declared", digits=1)
def duty_rate(columns: Columns) -> Array:
    """Rate of duty."""
    return columns["duty_rate_pct"]


@number("Net mass is {value} kg", unit="kg", missing="no mass was declared", digits=1)
def net_mass(columns: Columns) -> Array:
    """Net mass of the item."""
    return columns["net_mass_kg"]


@number(
    "Gross mass is {value} times net mass", unit="ratio", missing="no gross or net mass", digits=2
)
def gross_to_net(columns: Columns) -> Array:
    """Gross mass over net mass."""
    net = np.where(columns["net_mass_kg"] > 0, columns["net_mass_kg"], np.nan)
    return columns["gross_mass_kg"] / net


@number("The declaration has {value} items", unit="count", missing="never")
def shipment_items(columns: Columns) -> Array:
    """Goods items of the declaration."""
    shipments = _shipments(columns)
    return np.bincount(shipments)[shipments].astype(float)


@number(
    "The item is {value} of its declaration's value", unit="share", missing="no value", digits=2
)
def shipment_value_share(columns: Columns) -> Array:
    """Share of the item in its declaration's value."""
    total = shipment_total(columns, "customs_value")
    return columns["customs_value"] / np.where(total > 0, total, np.nan)


@number(
    "Net mass is {value} standard deviations (of logarithms) from the mean of this subheading",
    unit="standard deviations",
    missing="no mass was declared, or too few of like goods",
    digits=1,
)
def net_mass_gap(columns: Columns) -> Array:
    """Log net mass less the subheading's mean, in its standard deviations."""
    return _deviation(columns, "log_net_mass")


@number(
    "Packing weighs {value} standard deviations (of logarithms) more than this subheading's",
    unit="standard deviations",
    missing="no gross mass above net mass, or too few of like goods",
    digits=1,
)
def packing_gap(columns: Columns) -> Array:
    """Log of packing over net mass less the subheading's mean, in its standard deviations."""
    return _deviation(columns, "log_packing")


def _deviation(columns: Columns, value: str) -> Array:
    spread = columns[f"hs__{value}_std__365d"]
    gap = columns[value] - columns[f"hs__{value}_mean__365d"]
    return gap / np.where(spread > 0, spread, np.nan)


def shipment_total(columns: Columns, name: str) -> Array:
    """Sum a column over the items of each one's declaration; missing where any is."""
    shipments = _shipments(columns)
    return np.bincount(shipments, weights=columns[name])[shipments]


def _shipments(columns: Columns) -> NDArray[np.intp]:
    """Give the items of one declaration known at one instant one number."""
    numbers: dict[tuple[str, int], int] = {}
    instants = columns["known_at"].astype("int64").tolist()
    known = zip(columns["declaration_id"].tolist(), instants, strict=True)
    return np.array([numbers.setdefault(shipment, len(numbers)) for shipment in known], np.intp)


DERIVED = (
    hs_subheading,
    hs_heading,
    hs_chapter,
    tax_type,
    import_type,
    import_use,
    process_type,
    payment_type,
    origin_indicator,
    duty_rate,
    net_mass,
    gross_to_net,
    shipment_items,
    shipment_value_share,
    net_mass_gap,
    packing_gap,
)
