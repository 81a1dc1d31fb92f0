"""What nobody knew: which records offend, and who the organisations behind them are.

Invariant: nothing in here is written anywhere else.
"""

from typing import Any

import numpy as np

from training.simulation.plans import Ways
from training.simulation.rhythm import DAY_US
from training.simulation.setting import World
from training.simulation.tables.cells import instants, words
from training.simulation.typologies import NAMES, OFFENCE_OF_TYPOLOGY, OFFENCES
from training.simulation.world import Week

OFFENCE_NAMES = np.array(OFFENCES)


def declaration_truth(world: World, week: Week) -> dict[str, Any]:
    """Return a row for each goods item."""
    filed, items = week.filing.declarations, week.filing.items
    owner = world.society.register.organisation[filed.importer[items.declaration]]
    return {
        "declaration_id": filed.id[items.declaration],
        "item_number": items.item_number,
        "offence": words(OFFENCE_NAMES, OFFENCE_OF_TYPOLOGY[items.typology]),
        "typology": words(NAMES, items.typology),
        "organisation_id": words(world.organisations.ids, owner),
        "inspected": week.declared_selection.inspected[items.declaration],
    }


def crossing_truth(world: World, week: Week) -> dict[str, Any]:
    """Return a row for each crossing."""
    crossed = week.crossings
    return {
        "crossing_id": week.crossing_ids,
        "offence": words(OFFENCE_NAMES, OFFENCE_OF_TYPOLOGY[crossed.typology]),
        "typology": words(NAMES, crossed.typology),
        "organisation_id": words(world.organisations.ids, crossed.organisation),
        "inspected": week.crossing_selection.inspected,
    }


def payment_truth(world: World, week: Week) -> dict[str, Any]:
    """Return a row for each payment that is part of an organisation's scheme."""
    rows = np.flatnonzero(week.payments.organisation >= 0)
    owner = week.payments.organisation[rows]
    return {
        "payment_id": week.payment_ids[rows],
        "organisation_id": words(world.organisations.ids, owner),
    }


def member_truth(world: World) -> dict[str, Any]:
    """Return a row for each identifier an organisation acts under: party, person or vehicle."""
    society, registrations = world.society, world.registrations
    owner = society.register.organisation[registrations.party]
    vehicles = np.flatnonzero((society.vehicles.organisation >= 0) & (society.vehicles.ids != ""))
    owners = np.concatenate([owner[owner >= 0], society.vehicles.organisation[vehicles]])
    parties = registrations.ids[owner >= 0]
    return {
        "organisation_id": words(world.organisations.ids, owners),
        "member_id": np.concatenate([parties, society.vehicles.ids[vehicles]]),
        "role": np.repeat(["party", "vehicle"], [len(parties), len(vehicles)]),
    }


def organisation_truth(world: World, week: Week) -> dict[str, Any]:
    """Return a row for each lane or route an organisation has begun to use, and when it left it."""
    parts = [_begun(ways, world.rhythm.days) for ways in week.ways]
    owner = np.concatenate([ways.organisation for ways in parts])
    typology = world.organisations.typology[owner]
    began, ended = (
        np.concatenate([getattr(ways, name) for ways in parts])
        for name in ("first_day", "last_day")
    )
    return {
        "organisation_id": words(world.organisations.ids, owner),
        "typology": words(NAMES, typology),
        "offence": words(OFFENCE_NAMES, OFFENCE_OF_TYPOLOGY[typology]),
        "began_at": instants(world.rhythm.start_us + (began * DAY_US).astype(np.int64)),
        "ended_at": instants(
            np.where(
                ended < world.rhythm.days,
                world.rhythm.start_us + (np.minimum(ended, 10_000) * DAY_US).astype(np.int64),
                0,
            )
        ),
    }


def _begun(ways: Ways, days: int) -> Ways:
    rows = np.flatnonzero((ways.organisation >= 0) & (ways.first_day < days))
    return Ways(**{name: getattr(ways, name)[rows] for name in Ways.__dataclass_fields__})
