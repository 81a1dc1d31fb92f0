"""Dealings: whom the parties deal with, how new that is, and what was found of the others."""

from __future__ import annotations

import numpy as np

from features.catalog.kinship import aliases
from features.catalog.offenders import distance_to_offender, found_among
from features.catalog.payment import pays_others
from features.catalog.route import seen
from features.catalog.trader import found, found_share, offence_rate
from features.feature import Array, Columns, number
from features.neighbours import Neighbours
from features.profiles import Profile
from features.relations import Relation

__all__ = ["DERIVED", "PROFILES", "RELATIONS"]

FAMILY = "relations"

_OTHERS = ("exporter", "declarant", "carrier")
_PAIR = ("importer_id", "exporter_id")


def _dealt_with(role: str, others: str, other: str) -> Relation:
    sentence = f"This {role} dealt with {{value}} {others} in the last {{window}} days"
    return Relation(role, (f"{role}_id",), "items", others, other, sentence, (365,))


PROFILES = (
    *aliases("importer", "exporter", "carrier"),
    *(Profile(role, (f"{role}_id",), "controls", found(f"this {role}")) for role in _OTHERS),
    Profile("importer_exporter", _PAIR, "items", seen("This importer with this exporter", 365)),
    Profile(
        "importer_exporter",
        _PAIR,
        "controls",
        found("this importer's trade with this exporter"),
    ),
)


def _inspected(relation: Relation, others: str, key: str) -> Neighbours:
    noun = f"the {others}"
    return found_among(relation, others, key, "controls", (*found(noun), found_share(noun)))


_EXPORTERS = _dealt_with("importer", "exporters", "exporter_id")
_IMPORTERS = _dealt_with("exporter", "importers", "importer_id")

RELATIONS = (
    _EXPORTERS,
    _dealt_with("importer", "subheadings", "hs"),
    _dealt_with("importer", "origins", "origin_country"),
    _IMPORTERS,
    _inspected(_EXPORTERS, "exporters this importer bought from", "exporter_id"),
    _inspected(_IMPORTERS, "importers this exporter sold to", "importer_id"),
    *(
        _inspected(
            pays_others(role, f"{role}_id"),
            f"importers that exchanged money with this {role}",
            "importer_id",
        )
        for role in ("importer", "exporter")
    ),
)


@number(
    "First trade of this importer with this exporter in a year: {value}",
    unit="0 or 1",
    missing="no exporter",
)
def first_trade_of_pair(columns: Columns) -> Array:
    """Whether importer and exporter did not trade in the year before."""
    earlier = columns["importer_exporter__declarations__365d"]
    return np.where(np.isnan(earlier), np.nan, (earlier == 0).astype(float))


@number(
    "{value} is the greatest share of offences among those this importer deals with here",
    unit="share",
    missing="no such party, or an office without inspections",
    digits=3,
)
def worst_partner_offence_rate(columns: Columns) -> Array:
    """Greatest share of inspections with an offence of exporter, declarant and carrier."""
    rates = np.stack([np.asarray(columns[f"{role}_offence_rate"], float) for role in _OTHERS])
    return np.fmax.reduce(rates)


DERIVED = (
    first_trade_of_pair,
    # Who was found out before is never less of a risk for it.
    *(offence_rate(role, f"this {role}", trend=1) for role in _OTHERS),
    offence_rate("importer_exporter", "this importer's trade with this exporter"),
    worst_partner_offence_rate,
    distance_to_offender("importer", "exporters", "payment_partners"),
    distance_to_offender("exporter", "importers", "payment_partners"),
)
