"""Hauls: the load on board a crossing vehicle, its papers and its journey."""

from __future__ import annotations

import numpy as np

from features.catalog.transit import of_load, on_the_way
from features.feature import Array, Columns, number
from features.measures import Count
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES"]

FAMILY = "transit"

_ITEMS = Count("items", "{value} goods items are declared of the load", (365,))

PROFILES = (
    Profile("load", ("declaration_id",), "items", (_ITEMS,)),
    Profile("load", ("declaration_id",), "events", of_load(90)),
    Profile(
        "vehicle",
        ("transport_id",),
        "events",
        on_the_way("This vehicle", 90),
        asked=("vehicle_id",),
    ),
    Profile("carrier", ("carrier_id",), "transits", on_the_way("This carrier", 365)),
)


@number(
    "{value} kg are on board beyond the lightest this vehicle was and the papers of its load",
    unit="kg",
    missing="not weighed, never before, or no papers of a load",
)
def mass_beyond_papers(columns: Columns) -> Array:
    """Gross mass less the vehicle's least mass in a year and the load's greatest on its way."""
    lightest = np.exp(columns["vehicle__log_mass_min__365d"])
    return columns["gross_mass_kg"] - lightest - columns["load__gross_mass_max__90d"]


DERIVED = (mass_beyond_papers,)
