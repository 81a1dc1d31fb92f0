"""Fares: money of those who drive across a border and of those whose vehicles do."""

from __future__ import annotations

from features.catalog.payment import moves_money, pass_through, pays_others
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES", "RELATIONS"]

FAMILY = "payments"

_WHO = {"driver": "driver_id", "carrier": "carrier_id"}

PROFILES = tuple(
    Profile(entity, ("party_id",), "transfers", moves_money(entity), asked=(column,))
    for entity, column in _WHO.items()
)

RELATIONS = tuple(pays_others(entity, column) for entity, column in _WHO.items())

DERIVED = tuple(pass_through(entity) for entity in _WHO)
