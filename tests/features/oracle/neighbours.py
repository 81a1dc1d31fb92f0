"""What controls found of those an entity dealt with: every other looked at by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.features.oracle.family import Fact, distinct

# Of each other, the facts that are seen of it.
Others = list[list[Fact]]


@dataclass(frozen=True)
class Neighbours:
    """Whom an entity met, and what is measured of all of them.

    Parameters
    ----------
    met, known : str
        Names of the families in which they met, and which tell of the other.
    other, key : str
        The columns that name the other in these.
    measures : dict of str to callable
        From what is seen of each other to a number.
    """

    met: str
    other: str
    known: str
    key: str
    measures: dict[str, Callable[[Others], float]]


def _found(noun: str, usual_share: float) -> dict[str, Callable[[Others], float]]:
    """Add up over the others; an inspection of two of them counts for either."""

    def total(flag: str | None) -> Callable[[Others], float]:
        return lambda others: sum(distinct("inspection_id", flag)(seen, None) for seen in others)

    every, hits = total(None), total("is_offence")
    return {
        noun: every,
        "offences": hits,
        "offence_rate": lambda others: (hits(others) + 10 * usual_share) / (every(others) + 10),
        "with_offence": lambda others: sum(any(f["is_offence"] for f in seen) for seen in others),
    }


_INSPECTED = _found("inspections", usual_share=0.05)
_SEARCHED = _found("searches", usual_share=0.03)
_PAID = Neighbours("transfers", "other_id", "controls", "importer_id", _INSPECTED)

NEIGHBOURS = {
    "importer__exporters": Neighbours(
        "items", "exporter_id", "controls", "exporter_id", _INSPECTED
    ),
    "exporter__importers": Neighbours(
        "items", "importer_id", "controls", "importer_id", _INSPECTED
    ),
    "importer__payment_partners": _PAID,
    "exporter__payment_partners": _PAID,
    "vehicle__drivers": Neighbours("passages", "driver_id", "searches", "driver_id", _SEARCHED),
    "driver__vehicles": Neighbours("passages", "vehicle_id", "searches", "vehicle_id", _SEARCHED),
}


def neighbours_of(name: str) -> tuple[Neighbours, str] | None:
    """Give what a feature asks about, and which measure; None where it asks about no others."""
    entity, measure, _ = name.split("__")
    for start, neighbours in NEIGHBOURS.items():
        rest = f"{entity}__{measure}".removeprefix(f"{start}_")
        if rest in neighbours.measures:
            return neighbours, rest
    return None
