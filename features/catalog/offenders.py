"""Offenders: what was found of those a party deals with, and how far off a known one is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.feature import Array, Columns, Derived, Feature
from features.known import Known, With
from features.measures import Count, Rate
from features.neighbours import Neighbours
from features.relations import Relation

__all__ = ["distance_to_offender", "found_among"]

_DAYS = 365
Found = tuple[Count, Count, Rate]


def found_among(relation: Relation, others: str, key: str, facts: str, found: Found) -> Neighbours:
    """Declare what controls found of the others of a relation in a year.

    Parameters
    ----------
    others : what officers call them, such as ``exporters of this importer``.
    key, facts : what names the other in the facts of controls.
    found : controls, those that found an offence, and the share of these.
    """
    _, offences, _ = found
    having = With(
        "with_offence",
        offences,
        f"{{value}} {others} had an offence found in the last {{window}} days",
        (_DAYS,),
    )
    yearly = (replace(measure, windows=(_DAYS,)) for measure in found)
    return Neighbours(relation, Known(key, facts, (*yearly, having)))


def distance_to_offender(entity: str, *others: str) -> Derived:
    """Declare how many steps a known offender is off: none, or one through any of the others."""

    def steps(columns: Columns) -> Array:
        names = [f"{entity}__{name}_with_offence__{_DAYS}d" for name in others]
        near = np.any([columns[name] > 0 for name in names], axis=0)
        return np.where(
            columns[f"{entity}__offences__{_DAYS}d"] > 0, 0.0, np.where(near, 1.0, np.nan)
        )

    feature = Feature(
        name=f"{entity}_distance_to_offender",
        kind="number",
        unit="steps",
        meaning=f"Steps from this {entity} to one whom controls found an offence of in a year.",
        missing=f"no such {entity}, or no offence known of it or of any one step away",
        wording=(
            f"A known offender is at distance {{value}}: 0 is this {entity} itself,"
            " 1 someone it dealt with"
        ),
    )
    return Derived(feature, steps)
