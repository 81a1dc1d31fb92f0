"""Hauls: the load on board a crossing vehicle, its papers, its journey, and who pays for it."""

from __future__ import annotations

from features.catalog.payment import moves_money, pass_through, pays_others
from features.catalog.trader import found
from features.catalog.transit import of_load, on_the_way
from features.measures import Count
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES", "RELATIONS"]

_PAYERS = {"driver": "driver_id", "carrier": "carrier_id"}
_ITEMS = Count("items", "{value} goods items are declared of the load", (365,))

PROFILES = (
    Profile("load", ("declaration_id",), "items", (_ITEMS,)),
    Profile("load", ("declaration_id",), "controls", found("the load's declaration")),
    Profile("load", ("declaration_id",), "events", of_load(90)),
    Profile(
        "vehicle",
        ("transport_id",),
        "events",
        on_the_way("This vehicle", 90),
        asked=("vehicle_id",),
    ),
    Profile("carrier", ("carrier_id",), "transits", on_the_way("This carrier", 365)),
    *(
        Profile(entity, ("party_id",), "transfers", moves_money(entity), asked=(column,))
        for entity, column in _PAYERS.items()
    ),
)

RELATIONS = tuple(pays_others(entity, column) for entity, column in _PAYERS.items())

DERIVED = tuple(pass_through(entity) for entity in _PAYERS)
