"""Facts of record linkage: which identifiers are one party's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.facts.fact import INSTANTS, Facts, day_of, filed, held

__all__ = ["ALIASES"]

Expression = Any  # ibis publishes no types


def _aliases(tables: Mapping[str, Expression]) -> Expression:
    """Give links between two identifiers, both ways round, from when they were found."""
    links = held(tables["links"])
    facts = links.mutate(
        pair=links.party_id + "|" + links.linked_party_id,
        day=day_of(links.known_at),
    )
    return filed(facts, "pair").select(*ALIASES.columns)


ALIASES = Facts(
    "aliases",
    {"links": "party_id"},
    "party_id",
    {"party_id": "string", "linked_party_id": "string", **INSTANTS},
    _aliases,
)
