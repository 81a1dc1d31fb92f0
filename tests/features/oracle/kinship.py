"""Other identifiers of a party, as record linkage found them."""

from __future__ import annotations

from tests.features.oracle.family import Fact, Family, World, count, versions


def aliases(world: World) -> list[Fact]:
    return versions(world["links"])


ALIASES = Family(
    aliases,
    {
        "shipments": {
            party: {"party_id": f"{party}_id"} for party in ("importer", "exporter", "carrier")
        },
        "crossings": {party: {"party_id": f"{party}_id"} for party in ("driver", "carrier")},
    },
    {"aliases": count()},
)
