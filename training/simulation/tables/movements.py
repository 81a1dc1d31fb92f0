"""Movements as an agency files them: a row an event."""

from typing import Any, Final

import numpy as np

from training.simulation.setting import World
from training.simulation.tables.cells import holes, identifiers, instants, numbers, words
from training.simulation.transit.movements import EVENTS, PLACES, SEALS, Movements

MISSING: Final = {"declaration_id": 0.02, "transport_id": 0.06, "container_id": 0.05,
                  "seal_state": 0.05, "gross_mass_kg": 0.08, "due_at": 0.01}  # fmt: skip


def movement_rows(rng: np.random.Generator, world: World, movements: Movements) -> dict[str, Any]:
    """Return the columns of a week's events."""
    empty = holes(rng, MISSING, len(movements))
    due = np.where(empty["due_at"], 0, movements.due_us)
    return {
        "movement_id": movements.id,
        "event": words(EVENTS, movements.event),
        "occurred_at": instants(movements.occurred_us),
        "known_at": instants(movements.known_us),
        "office_id": words(PLACES, movements.office),
        "declaration_id": identifiers(movements.declaration_id, empty["declaration_id"]),
        "transport_id": words(world.society.vehicles.ids, movements.vehicle, empty["transport_id"]),
        "container_id": identifiers(movements.container, empty["container_id"]),
        "seal_state": words(SEALS, movements.seal, empty["seal_state"]),
        "gross_mass_kg": numbers(movements.gross_mass_kg, empty["gross_mass_kg"]),
        "due_at": instants(due),
    }
