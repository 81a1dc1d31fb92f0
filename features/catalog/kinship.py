"""Kinship: under how many other identifiers a party is known, as record linkage found."""

from __future__ import annotations

from features.measures import Count
from features.profiles import Profile

__all__ = ["aliases"]


def aliases(*entities: str) -> tuple[Profile, ...]:
    """Count the other identifiers of parties, however long they have been known."""
    return tuple(
        Profile(
            entity,
            ("party_id",),
            "aliases",
            (Count("aliases", f"This {entity} has {{value}} other identifiers", (3650,)),),
            asked=(f"{entity}_id",),
        )
        for entity in entities
    )
