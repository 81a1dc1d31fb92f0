"""Traders: how much each party has filed, how new it is, what the importer's inspections found."""

from __future__ import annotations

import numpy as np

from features.feature import Array, Columns, Derived, Feature
from features.measures import Count, DaysSince, Measure, Rate
from features.profiles import Profile

__all__ = ["DERIVED", "PROFILES", "found", "found_share", "offence_rate"]

FAMILY = "customs"

_ROLES = ("importer", "exporter", "declarant", "carrier")
_PRIOR_INSPECTIONS = 10.0
# Between the hit rates of random and of targeted controls that agencies publish.
_USUAL_SHARE = 0.05


def _filed(noun: str) -> tuple[Measure, ...]:
    return (
        Count(
            "declarations",
            f"This {noun} has {{value}} declarations in the last {{window}} days",
            (30, 365),
            distinct="declaration_id",
        ),
        Count("items", f"This {noun} has {{value}} goods items in the last {{window}} days", (30,)),
        DaysSince(
            "days_since_first", f"This {noun} was first seen {{value}} days ago", (365,), first=True
        ),
        DaysSince("days_since_last", f"This {noun} was last seen {{value}} days ago", (365,)),
    )


def found(noun: str) -> tuple[Count, Count]:
    """Count inspections, and those that found an offence."""
    return (
        Count(
            "inspections",
            f"{noun} had {{value}} inspections in the last {{window}} days",
            (365,),
            distinct="inspection_id",
        ),
        Count(
            "offences",
            f"{{value}} inspections of {noun} found an offence in the last {{window}} days",
            (365,),
            distinct="inspection_id",
            where="is_offence",
        ),
    )


def found_share(noun: str) -> Rate:
    """Give the share of inspections that found an offence, drawn to the usual share."""
    inspections, offences = found(noun)
    return Rate(
        "offence_rate",
        f"{{value}} of inspections at {noun} found an offence in the last {{window}} days",
        (365,),
        hits=offences,
        among=inspections,
        usual=_USUAL_SHARE,
        weight=_PRIOR_INSPECTIONS,
    )


def offence_rate(entity: str, noun: str, trend: int = 0) -> Derived:
    """Declare an entity's share of inspections that found an offence, drawn to its office's share.

    The share is (offences + 10 p) / (inspections + 10), p the office's own share: the posterior
    mean under a beta prior worth ten inspections.
    """

    def rate(columns: Columns) -> Array:
        offences = columns[f"{entity}__offences__365d"]
        inspections = columns[f"{entity}__inspections__365d"]
        usual = columns["office__offences__365d"] / columns["office__inspections__365d"]
        prior = np.where(np.isfinite(usual), usual, np.nan)
        return (offences + _PRIOR_INSPECTIONS * prior) / (inspections + _PRIOR_INSPECTIONS)

    feature = Feature(
        name=f"{entity}_offence_rate",
        kind="number",
        unit="share",
        meaning=f"Share of inspections of {noun} with an offence, drawn to the office's share.",
        missing="no such key, or an office without inspections",
        wording=(
            f"{{{entity}__offences__365d}} of {{{entity}__inspections__365d}} inspections of {noun}"
            " in a year found an offence; drawn to the office's share that is {value}"
        ),
        digits=3,
        trend=trend,
    )
    return Derived(feature, rate)


PROFILES = (
    *(Profile(role, (f"{role}_id",), "items", _filed(role)) for role in _ROLES),
    Profile("importer", ("importer_id",), "controls", found("this importer")),
    Profile(
        "office",
        ("office_id",),
        "controls",
        (*found("this office"), found_share("this office")),
    ),
)

# Who was found out before is never less of a risk for it.
DERIVED = (offence_rate("importer", "this importer", trend=1),)
