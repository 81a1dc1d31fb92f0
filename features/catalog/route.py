"""Routes: where goods come from and through, and how usual that is for them and the trader."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.catalog.trader import found, offence_rate
from features.feature import Array, Columns, category, number
from features.measures import Count
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES", "seen"]

FAMILY = "customs"


def seen(noun: str, *windows: int) -> tuple[Count]:
    """Count declarations."""
    sentence = f"{noun} stands in {{value}} declarations of the last {{window}} days"
    return (Count("declarations", sentence, windows, distinct="declaration_id"),)


PROFILES = (
    Profile("office", ("office_id",), "items", seen("This office", 365)),
    Profile("origin", ("origin_country",), "items", seen("This origin", 365)),
    Profile(
        "origin_departure",
        ("origin_country", "departure_country"),
        "items",
        seen("This origin by this country of departure", 365),
    ),
    Profile(
        "hs_departure",
        ("hs", "departure_country"),
        "items",
        seen("This subheading from this country of departure", 365),
    ),
    Profile(
        "importer_hs",
        ("importer_id", "hs"),
        "items",
        seen("This importer with these goods", 90, 365),
    ),
    Profile(
        "importer_origin",
        ("importer_id", "origin_country"),
        "items",
        seen("This importer with this origin", 365),
    ),
    Profile("origin", ("origin_country",), "controls", found("this origin")),
)


@category("Origin is {value}", unit="ISO 3166-1", missing="never")
def origin(columns: Columns) -> Array:
    """Country of origin."""
    return columns["origin_country"]


@category("Goods were sent from {value}", unit="ISO 3166-1", missing="not stated")
def departure(columns: Columns) -> Array:
    """Country the goods were sent from."""
    return columns["departure_country"]


@category("Declared at office {value}", unit="office", missing="not stated")
def office(columns: Columns) -> Array:
    """Office of the declaration."""
    return columns["office_id"]


@category("Mode of transport is {value}", unit="UN/ECE Rec. 19", missing="not stated")
def transport_mode(columns: Columns) -> Array:
    """Mode of transport at the border."""
    return columns["transport_mode"]


@number("Origin differs from departure: {value}", unit="0 or 1", missing="departure not stated")
def is_transshipped(columns: Columns) -> Array:
    """Whether the goods were sent from another country than their origin."""
    departed = columns["departure_country"]
    return np.where(
        pd.notna(departed), (departed != columns["origin_country"]).astype(float), np.nan
    )


@number(
    "{value} of this subheading's declarations come from this origin",
    unit="share",
    missing="new goods",
    digits=3,
)
def hs_origin_share(columns: Columns) -> Array:
    """Share of the subheading's declarations that have this origin."""
    every = columns["hs__declarations__365d"]
    return columns["hs_origin__declarations__365d"] / np.where(every > 0, every, np.nan)


@number(
    "{value} of this subheading's declarations were sent from there",
    unit="share",
    missing="new goods",
    digits=3,
)
def hs_departure_share(columns: Columns) -> Array:
    """Share of the subheading's declarations sent from this country."""
    every = columns["hs__declarations__365d"]
    return columns["hs_departure__declarations__365d"] / np.where(every > 0, every, np.nan)


@number(
    "{value} of this origin's declarations were sent from there",
    unit="share",
    missing="new origin",
    digits=3,
)
def origin_departure_share(columns: Columns) -> Array:
    """Share of the origin's declarations sent from this country."""
    every = columns["origin__declarations__365d"]
    return columns["origin_departure__declarations__365d"] / np.where(every > 0, every, np.nan)


DERIVED = (
    origin,
    departure,
    office,
    transport_mode,
    is_transshipped,
    hs_origin_share,
    hs_departure_share,
    origin_departure_share,
    offence_rate("origin", "this origin"),
)
