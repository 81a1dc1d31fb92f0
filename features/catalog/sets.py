"""Feature sets: what each subject's model sees, assembled from the themes, with a fingerprint."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, is_dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.catalog import (
    companions,
    crossing,
    dealings,
    fares,
    goods,
    haul,
    payment,
    route,
    trader,
    transit,
    valuation,
    vehicle,
)
from features.circles import Circle, circles
from features.definition import definition
from features.errors import TidewaiterError
from features.facts import FACTS, SUBJECTS, Subject
from features.feature import Derived, Feature
from features.known import With
from features.measures import Measure
from features.neighbours import Neighbours
from features.profiles import Profile
from features.relations import Relation

__all__ = ["RECORDS", "FeatureSet", "families", "feature_set"]

# The kind of record that is one row of a subject's feature table.
RECORDS = {subject.name: subject.kind for subject in SUBJECTS.values()}

_THEMES = {
    "shipments": (goods, trader, valuation, route, transit, payment, dealings),
    "crossings": (crossing, vehicle, haul, fares, companions),
}


@dataclass(frozen=True)
class FeatureSet:
    """The features of a subject.

    Parameters
    ----------
    subject : str
        ``shipments`` or ``crossings``.
    identity : tuple of str
        Columns that come first in a feature table.
    profiles : tuple of Profile
        What is remembered.
    derived : tuple of Derived
        What is computed from the record and what is remembered, in order.
    relations : tuple of Relation or Neighbours
        Whom entities dealt with, and what is known of these.
    """

    subject: str
    identity: tuple[str, ...]
    profiles: tuple[Profile, ...]
    derived: tuple[Derived, ...]
    relations: tuple[Relation | Neighbours, ...] = ()

    @cached_property
    def counted_over(self) -> tuple[str, ...]:
        """Names of the facts it needs: the subject's own first."""
        named = (self.about.facts.name, *(profile.facts for profile in self.tiled))
        return tuple(dict.fromkeys(named))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The kinds of record its facts are made from."""
        return tuple(
            dict.fromkeys(kind for name in self.counted_over for kind in FACTS[name].kinds)
        )

    @property
    def about(self) -> Subject:
        """What it is about."""
        return SUBJECTS[self.subject]

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Every feature, those of profiles and relations first."""
        remembered = [feature for profile in self.profiles for feature in _described(profile)]
        remembered += [feature for relation in self.relations for feature in _related(relation)]
        return (*remembered, *(entry.feature for entry in self.derived))

    @property
    def remembered(self) -> tuple[Profile | Relation | Neighbours, ...]:
        """Everything that is asked of history."""
        return (*self.profiles, *self.relations)

    @cached_property
    def looked_up(self) -> tuple[Profile | Circle, ...]:
        """Everything that is asked of history, as few records at a time are answered."""
        return (*self.profiles, *circles(self.relations))

    @property
    def alike(self) -> str | None:
        """The feature in which like records agree, where it is one of the set."""
        return self.about.alike if self.about.alike in self.names else None

    @property
    def tiled(self) -> tuple[Profile, ...]:
        """Every profile that days are kept for."""
        return tuple(profile for entry in self.remembered for profile in entry.tiled)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the table."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features}

    def __getitem__(self, name: str) -> Feature:
        """Look a feature up by name."""
        return self._by_name[name]

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features if feature.kind == "number")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over every definition; a model fits only the set it was trained on.

        How a feature is worded is no part of it: words may change under a model.
        """
        digest = hashlib.sha256(self.subject.encode())
        for profile in self.profiles:
            measures = [_defined(measure) for measure in profile.measures]
            said = (
                profile.entity,
                profile.keys,
                profile.asked_by,
                profile.facts,
                measures,
                profile.tile_schema(),
            )
            digest.update(repr(said).encode())
        for relation in self.relations:
            digest.update(repr(_defined(relation)).encode())
        for entry in self.derived:
            defined = (entry.name, entry.feature.kind, definition(entry.compute))
            digest.update(repr(defined).encode())
        return digest.hexdigest()

    def values(self, columns: dict[str, Any]) -> dict[str, NDArray[Any]]:
        """Compute identity and features from the record's columns and the profiles' features.

        Derived features join the columns as they are computed.

        Returns
        -------
        dict of str to array
            In the order of the table: numbers as float64 with NaN for missing, the rest as it came.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            for entry in self.derived:
                columns[entry.feature.name] = entry.compute(columns)
        values: dict[str, NDArray[Any]] = {n: columns[n] for n in (*self.identity, *self.names)}
        for name in self._numbers:
            if values[name].dtype != np.float64:
                values[name] = values[name].astype(float)
        return values

    def table(self, columns: dict[str, Any], rows: int) -> pd.DataFrame:
        """Finish a feature table from the record's columns and the profiles' features."""
        data: dict[str, Any] = self.values(columns)
        data["known_at"] = pd.array(data["known_at"], dtype="datetime64[us, UTC]")
        for feature in self.features:
            if feature.kind == "category":
                data[feature.name] = _texts(data[feature.name])
        return pd.DataFrame(data, index=range(rows), copy=False)


def _defined(entry: object) -> object:
    """Give what a declaration says, without its words and those of what it is made of."""
    if isinstance(entry, tuple):
        return tuple(map(_defined, entry))
    if not is_dataclass(entry):
        return entry
    words = {"sentence", "unit", "missing"}
    fields = [(key, _defined(value)) for key, value in vars(entry).items() if key not in words]
    return type(entry).__name__, fields


def _texts(values: object) -> Any:
    # Arrow reads objects faster than pandas does.
    return pd.array(pa.array(values, type=pa.large_string(), from_pandas=True), dtype="str")


def _related(relation: Relation | Neighbours) -> list[Feature]:
    keys = relation.asked_by
    if isinstance(relation, Neighbours):
        named = zip(relation.columns.items(), relation.known.measures, strict=True)
        days = relation.known.window_days
        return [_feature(name, said, measure, keys, days) for (name, said), measure in named]
    return [
        _feature(name, relation.name, relation, keys, days)
        for name, days in zip(relation.columns, relation.windows, strict=True)
    ]


def _described(profile: Profile) -> list[Feature]:
    return [
        _feature(profile.feature(measure, window), measure.name, measure, profile.asked_by, window)
        for measure in profile.measures
        for window in measure.windows
    ]


def _feature(
    name: str, said: str, measure: Measure | Relation | With, keys: tuple[str, ...], window: int
) -> Feature:
    meaning = f"{said} by {' and '.join(keys)}, {window} days"
    return Feature(
        name=name,
        kind="number",
        unit=measure.unit,
        meaning=meaning.replace("_", " "),
        missing=measure.missing,
        wording=measure.sentence,
        digits=0 if measure.unit in {"count", "days"} else 2,
        window_days=window,
    )


def _united(profiles: list[Profile]) -> tuple[Profile, ...]:
    """Unite profiles of one entity over the same facts, so that they share their tiles."""
    united: dict[tuple[str, ...], Profile] = {}
    for profile in profiles:
        one = (profile.entity, profile.name, *profile.asked_by)
        earlier = united.get(one)
        measures = (*earlier.measures, *profile.measures) if earlier else profile.measures
        united[one] = replace(profile, measures=measures)
    return tuple(united.values())


def families(subject: str) -> tuple[str, ...]:
    """Give the families of record that a subject's features come from, its own first.

    Examples
    --------
    >>> families("shipments")
    ('customs', 'transit', 'payments', 'relations')
    """
    return tuple(dict.fromkeys(theme.FAMILY for theme in _themes(subject)))


def _themes(subject: str) -> tuple[Any, ...]:
    if subject not in _THEMES:
        raise TidewaiterError(f"unknown subject {subject!r}; expected one of {', '.join(_THEMES)}")
    return _THEMES[subject]


@cache
def feature_set(subject: str, among: tuple[str, ...] | None = None) -> FeatureSet:
    """Give a subject's feature set, or the part of it that some families make up.

    Parameters
    ----------
    among : of :func:`families`; a part reads nothing but the record and what these remember, if
        they begin with the subject's own.

    Examples
    --------
    >>> "importer__declarations__30d" in feature_set("shipments").names
    True
    >>> "load__arrivals__90d" in feature_set("shipments", ("customs",)).names
    False
    """
    known = families(subject)
    if not set(among or known) <= set(known):
        raise TidewaiterError(f"expected families among {', '.join(known)}, got {among}")
    themes = [theme for theme in _themes(subject) if among is None or theme.FAMILY in among]
    profiles = _united([profile for theme in themes for profile in theme.PROFILES])
    derived = tuple(entry for theme in themes for entry in theme.DERIVED)
    relations = tuple(entry for theme in themes for entry in getattr(theme, "RELATIONS", ()))
    names = [name for entry in (*profiles, *relations) for name in entry.columns]
    names += [entry.name for entry in derived]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise TidewaiterError(f"declared twice in the catalogue: {', '.join(sorted(repeated))}")
    identity = (*SUBJECTS[subject].identity, "known_at")
    return FeatureSet(subject, identity, profiles, derived, relations)
