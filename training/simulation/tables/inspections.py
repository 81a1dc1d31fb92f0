"""Inspections as an agency files them: a row a control whose result came in."""

from typing import Any

import numpy as np
import pyarrow as pa

from training.simulation.control.controls import CONTROL_TYPES, REASONS, RESULTS, SUBJECTS
from training.simulation.tables.cells import instants, numbers, words
from training.simulation.typologies import OFFENCES
from training.simulation.world import Week


def inspection_rows(week: Week) -> dict[str, Any]:
    """Return the columns of a week's results."""
    done = week.results
    return {
        "inspection_id": week.result_ids,
        "subject": words(SUBJECTS, done.subject),
        "subject_id": done.subject_id,
        "known_at": instants(done.known_us),
        "result": words(RESULTS, done.result),
        "item_number": pa.array(done.item_number, mask=done.item_number == 0),
        "control_type": words(CONTROL_TYPES, done.control_type),
        "offence": words(np.array(OFFENCES), done.offence),
        "seized_quantity": numbers(done.seized_quantity),
        "revenue_recovered": numbers(done.revenue_recovered),
        "selection_reason": words(REASONS, done.reason),
        "selection_probability": done.probability,
    }
