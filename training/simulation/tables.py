"""A simulated week as the tables an agency would file, and the truth it does not know.

Invariant: what is left out is left out at random, whoever declares.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from training.simulation.columns import Bools, Floats, Ints
from training.simulation.draw import some
from training.simulation.ids import container_ids, digits, mix, text
from training.simulation.inspection import CONTROL_TYPES, OFFENCE_OF_SCHEME, REASONS, RESULTS
from training.simulation.places import COUNTRIES, CURRENCIES, OFFICES, labels
from training.simulation.schemas import INSTANT, SCHEMAS
from training.simulation.schemes import HONEST, OFFENCES
from training.simulation.world import Week, World

# The share of declarations, or of items, that leave an optional field empty.
MISSING_IN_DECLARATION: Final = {
    "declarant_id": 0.01, "exporter_id": 0.03, "carrier_id": 0.05, "departure_country": 0.01,
    "destination_country": 0.005, "transport_mode": 0.005, "transport_id": 0.06,
    "container_id": 0.05,
}  # fmt: skip
MISSING_IN_ITEM: Final = {"goods_description": 0.02, "gross_mass_kg": 0.03, "duty_rate_pct": 0.02}


def tables(world: World, week: Week) -> dict[str, pa.Table]:
    """Return the week's rows of every kind, by the name of its file."""
    rng = world.generator(3, week.index)
    columns = {
        "declarations": _declarations(rng, world, week),
        "inspections": _inspections(world, week),
        "truth/declarations": _truth(world, week),
    }
    return {kind: pa.table(columns[kind], schema=schema) for kind, schema in SCHEMAS.items()}


def words(names: npt.NDArray[np.str_], codes: Ints, missing: Bools | None = None) -> pa.Array:
    """Return the names at these positions; null where missing."""
    return pa.array(names).take(pa.array(codes, mask=missing))


def instants(microseconds: Ints) -> pa.Array:
    """Return microseconds of UTC as timestamps."""
    return pa.array(microseconds).cast(INSTANT)


def _declarations(rng: np.random.Generator, world: World, week: Week) -> dict[str, Any]:
    items = week.items
    shared = _shared(rng, world, week)
    repeated = {name: column.take(pa.array(items.declaration)) for name, column in shared.items()}
    size = len(items)
    empty = {name: some(rng, share, size) for name, share in MISSING_IN_ITEM.items()}
    goods, every = world.market.goods, np.zeros(size, dtype=np.bool_)
    return {
        **repeated,
        "item_number": items.item_number,
        "hs_code": words(goods.hs_codes, items.good, every),
        "origin_country": words(COUNTRIES, items.origin, every),
        "net_mass_kg": items.net_mass_kg,
        "customs_value": items.value,
        "goods_description": words(goods.descriptions, items.good, empty["goods_description"]),
        "gross_mass_kg": pa.array(items.gross_mass_kg, mask=empty["gross_mass_kg"]),
        "duty_rate_pct": pa.array(items.duty_pct, mask=empty["duty_rate_pct"]),
    }


def _shared(rng: np.random.Generator, world: World, week: Week) -> dict[str, pa.Array]:
    """Return the columns that all items of a declaration share, one entry a declaration."""
    filed, market, size = week.filed, world.market, len(week.filed)
    empty = {name: some(rng, share, size) for name, share in MISSING_IN_DECLARATION.items()}
    named = {
        "importer_id": (market.traders.ids, filed.importer),
        "currency": (CURRENCIES, filed.currency),
        "office_id": (OFFICES, filed.office),
        "declarant_id": (market.declarants.ids, filed.declarant),
        "exporter_id": (market.exporters.ids, filed.exporter),
        "carrier_id": (market.carriers.ids, filed.carrier),
        "departure_country": (COUNTRIES, filed.departure),
        "destination_country": (COUNTRIES, filed.destination),
        "transport_mode": (labels(np.arange(10)), filed.mode),
        "transport_id": (world.transport.ids, filed.vehicle),
    }
    unpacked = empty["container_id"] | ~filed.containerised
    return {
        "declaration_id": pa.array(week.declaration_ids),
        "occurred_at": instants(filed.occurred_us),
        "known_at": instants(filed.known_us),
        "container_id": pa.array(container_ids(rng, size), mask=unpacked),
        **{name: words(*pair, empty.get(name)) for name, pair in named.items()},
    }


def _inspections(world: World, week: Week) -> dict[str, Any]:
    done, size = week.results, len(week.results)
    numbers = digits(mix(week.first_result + np.arange(size), world.seed + 1), 13)
    return {
        "inspection_id": np.char.add("IN", text(numbers)),
        "subject": np.full(size, "shipments"),
        "subject_id": done.declaration_id,
        "known_at": instants(done.known_us),
        "result": words(np.array(RESULTS), done.result),
        "item_number": pa.array(done.item_number, mask=done.item_number == 0),
        "control_type": words(np.array(CONTROL_TYPES), done.control_type),
        "offence": words(np.array(OFFENCES), done.offence, done.offence == HONEST),
        "seized_quantity": _or_null(done.seized_quantity),
        "revenue_recovered": _or_null(done.revenue_recovered),
        "selection_reason": words(np.array(REASONS), done.reason),
        "selection_probability": done.probability,
    }


def _truth(world: World, week: Week) -> dict[str, Any]:
    items = week.items
    offence = OFFENCE_OF_SCHEME[items.scheme]
    owner = world.market.traders.organisation[week.filed.importer[items.declaration]]
    return {
        "declaration_id": week.declaration_ids[items.declaration],
        "item_number": items.item_number,
        "offence": words(np.array(OFFENCES), offence, offence == HONEST),
        "organisation_id": words(world.organisations.ids, owner, owner == HONEST),
        "inspected": week.selection.inspected[items.declaration],
    }


def _or_null(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))
