"""A simulated week as the tables an agency would file, and the truth it does not know."""

from typing import Any

import pyarrow as pa

from training.simulation.setting import World
from training.simulation.tables.crossings import crossing_rows
from training.simulation.tables.declarations import declaration_rows
from training.simulation.tables.inspections import inspection_rows
from training.simulation.tables.movements import movement_rows
from training.simulation.tables.parties import party_rows, party_truth, registered
from training.simulation.tables.payments import payment_rows
from training.simulation.tables.schemas import SCHEMAS
from training.simulation.tables.truth import (
    crossing_truth,
    declaration_truth,
    member_truth,
    organisation_truth,
    payment_truth,
)
from training.simulation.world import Week

Tables = dict[str, pa.Table]


def tables(world: World, week: Week) -> Tables:
    """Return the week's rows of every kind, by the name of its file."""
    rng, day = world.generator(3, week.index), week.index * 7
    parties = registered(world, week.index)
    return _written(
        {
            "declarations": declaration_rows(rng, world, week.filing, day),
            "movements": movement_rows(rng, world, week.movements),
            "crossings": crossing_rows(rng, world, week),
            "payments": payment_rows(rng, world, week),
            "inspections": inspection_rows(week),
            "parties": party_rows(rng, world, parties),
            "truth/declarations": declaration_truth(world, week),
            "truth/crossings": crossing_truth(world, week),
            "truth/payments": payment_truth(world, week),
            "truth/parties": party_truth(world, parties),
        }
    )


def closing_tables(world: World, last: Week) -> Tables:
    """Return what can be told once the last week is over."""
    return _written(
        {
            "truth/organisations": organisation_truth(world, last),
            "truth/members": member_truth(world),
        }
    )


def _written(columns: dict[str, dict[str, Any]]) -> Tables:
    return {kind: pa.table(rows, schema=SCHEMAS[kind]) for kind, rows in columns.items()}
