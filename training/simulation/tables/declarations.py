"""Declarations as an agency files them: a row a goods item."""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from training.simulation.places import COUNTRIES, CURRENCIES, OFFICES, labels
from training.simulation.setting import World
from training.simulation.tables.cells import holes, identifiers, instants, numbers, words
from training.simulation.trade.filing import Filing

# The share of declarations, or of items, that leave an optional field empty.
MISSING: Final = {
    "declarant_id": 0.01, "exporter_id": 0.03, "carrier_id": 0.05, "departure_country": 0.01,
    "destination_country": 0.005, "transport_mode": 0.005, "transport_id": 0.06,
    "container_id": 0.05,
}  # fmt: skip
MISSING_IN_ITEM: Final = {"goods_description": 0.02, "gross_mass_kg": 0.03, "duty_rate_pct": 0.02}


def declaration_rows(
    rng: np.random.Generator, world: World, filing: Filing, day: int
) -> dict[str, Any]:
    """Return the columns of a week's declarations."""
    items, goods = filing.items, world.market.goods
    shared = _shared(rng, world, filing, day)
    repeated = {name: column.take(pa.array(items.declaration)) for name, column in shared.items()}
    empty = holes(rng, MISSING_IN_ITEM, len(items))
    return {
        **repeated,
        "item_number": items.item_number,
        "hs_code": words(goods.hs_codes, items.good),
        "origin_country": words(COUNTRIES, items.origin),
        "net_mass_kg": items.net_mass_kg,
        "customs_value": items.value,
        "goods_description": words(goods.descriptions, items.good, empty["goods_description"]),
        "gross_mass_kg": numbers(items.gross_mass_kg, empty["gross_mass_kg"]),
        "duty_rate_pct": numbers(items.duty_pct, empty["duty_rate_pct"]),
    }


def _shared(
    rng: np.random.Generator, world: World, filing: Filing, day: int
) -> dict[str, pa.Array]:
    """Return the columns that all items of a declaration share, one entry a declaration."""
    filed, offsets = filing.declarations, world.society.offsets
    empty = holes(rng, MISSING, len(filed))
    named = {
        "currency": (CURRENCIES, filed.currency),
        "office_id": (OFFICES, filed.office),
        "departure_country": (COUNTRIES, filed.departure),
        "destination_country": (COUNTRIES, filed.destination),
        "transport_mode": (labels(np.arange(10)), filed.mode),
        "transport_id": (world.society.vehicles.ids, filed.vehicle),
    }
    parties = {
        "importer_id": filed.importer,
        "declarant_id": offsets.declarants + filed.declarant,
        "exporter_id": offsets.exporters + filed.exporter,
        "carrier_id": offsets.carriers + filed.carrier,
    }
    return {
        "declaration_id": pa.array(filed.id),
        "occurred_at": instants(filed.occurred_us),
        "known_at": instants(filed.known_us),
        "container_id": identifiers(filed.container, empty["container_id"]),
        **{name: words(*pair, empty.get(name)) for name, pair in named.items()},
        **{
            name: identifiers(world.naming.ids(rng, party, day), empty.get(name))
            for name, party in parties.items()
        },
    }
