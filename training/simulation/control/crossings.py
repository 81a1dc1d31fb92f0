"""Controls at border posts, and the profile that picks vehicles and persons for them.

The profile of the first half of the time leans on the driver's nationality and on hire vehicles;
the second half's, after a review, on how full and how late a vehicle is. So old labels are
selective in a way that new ones are not.

Invariant: the profile sees what is recorded, and what was found before; never the truth.
"""

from typing import Final

import numpy as np

from training.simulation.borders.crossings import IN, Crossings
from training.simulation.columns import Floats, Ints
from training.simulation.control.controls import (
    CROSSING,
    Controls,
    offences,
    recovered,
    results,
    seized,
)
from training.simulation.control.selection import Selection, Shares
from training.simulation.draw import by_row
from training.simulation.places import country_weights
from training.simulation.population.society import Society
from training.simulation.population.vehicles import LORRY, MINIBUS, SEATS, VAN
from training.simulation.rhythm import SECOND_US

AT_THE_BORDER: Final = Shares(random=0.015, rule=0.06, softness=0.5)
TYPE_SHARES: Final = np.array([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])  # by rule, by lot
NATIONALITY_POINTS: Final = country_weights("TR 0.5 MA 0.7 GE 0.4 MD 0.4 UA 0.3 BY 0.4 RS 0.2")
CLASS_POINTS: Final = np.array([0.0, 0.7, 0.6, 0.2, 0.5, 0.2])


def crossing_points(
    society: Society, crossings: Crossings, found: Ints, *, reviewed: bool
) -> Floats:
    """Score crossings as the profile of the time does, `found` being earlier finds by driver."""
    classes = society.vehicles.vehicle_class[crossings.vehicle]
    hour = crossings.occurred_us // (3600 * SECOND_US) % 24
    night = (hour >= 21) | (hour < 5)
    full = crossings.occupants - SEATS[classes]
    hired = np.isin(crossings.vehicle, society.hired)
    nationality = society.people.nationality[crossings.driver]
    by_person = (0.3 if reviewed else 1.0) * NATIONALITY_POINTS[nationality]
    by_load = (0.9 if reviewed else 0.5) * (full > 0) + (0.7 if reviewed else 0.3) * night
    return np.asarray(
        CLASS_POINTS[classes]
        + by_person
        + by_load
        + (0.2 if reviewed else 0.6) * (hired & np.isin(classes, [VAN, MINIBUS]))
        + 0.5 * ((classes == LORRY) & (crossings.declaration_id == ""))
        + 0.6 * (crossings.direction == IN)
        + 0.9 * np.log1p(found[crossings.driver])
    )


def inspect_crossings(
    rng: np.random.Generator,
    crossings: Crossings,
    crossing_ids: np.ndarray,
    selection: Selection,
) -> Controls:
    """Inspect the selected crossings of a week; most results are known the same day."""
    rows = np.flatnonzero(selection.inspected)
    chosen, reason = crossings.take(rows), selection.random[rows].astype(np.int64)
    control = by_row(rng, TYPE_SHARES, reason)
    result = results(rng, chosen.typology, control)
    offence = offences(result, chosen.typology)
    quantity, nothing = seized(rng, offence), np.zeros(len(rows))
    hours = np.clip(rng.lognormal(np.log(5), 1.0, len(rows)), 0.5, 120)
    return Controls(
        known_us=chosen.known_us + (hours * 3600).astype(np.int64) * SECOND_US,
        subject=np.full(len(rows), CROSSING),
        subject_id=crossing_ids[rows],
        way=chosen.way,
        is_lane=chosen.declaration_id != "",
        actor=chosen.driver,
        result=result,
        item_number=nothing.astype(np.int64),
        control_type=control,
        offence=offence,
        seized_quantity=quantity,
        revenue_recovered=recovered(nothing, result, offence, quantity),
        reason=reason,
        probability=selection.probability[rows],
    )
