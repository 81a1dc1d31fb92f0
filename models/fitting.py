"""Fit a risk model on labelled records, in the order of time.

Early stopping, pooling, calibration and thresholds see only records later than those the trees of
that fit were grown on; the final trees are then grown on the whole period, as many as were found
best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from features.catalog import FeatureSet
from models.calibration import Platt
from models.encoding import Encoding
from models.examples import OVERALL, Examples
from models.growing import ONE_MACHINE, Grower, Material
from models.head import Head, raw_log_odds
from models.normals import Normals
from models.novelty import Novelty
from models.pooling import fit_shares, pooled
from models.ranking import riskiest_items
from models.related import related
from models.risk import RiskModel
from models.selection import Thresholds
from models.settings import FitSettings
from models.views import Columns, views

Progress = Callable[[str, float], None]


def silent(_what: str, _share: float) -> None:
    """Tell nobody how far a fit is."""


@dataclass(frozen=True)
class _Sides:
    """A training period cut in time: what grows the trees, and what judges them."""

    early: Examples
    late: Examples
    since: pd.Timestamp


def fit_model(  # noqa: PLR0913, PLR0917 - who is told and where trees grow have defaults
    features: FeatureSet,
    examples: Examples,
    settings: FitSettings,
    random: np.random.Generator,
    progress: Progress = silent,
    grower: Grower = ONE_MACHINE,
) -> RiskModel:
    """Fit one head for any offence and one for each offence with enough positives.

    Parameters
    ----------
    examples : everything that may be learnt from, at least some of it with an offence found
        both in the earlier and in the later part of its period.
    random : draws the key that orders equal risks.
    grower : where the trees are grown; all else is done here.

    Raises
    ------
    ValueError
        When the earlier part of the period does not hold both outcomes, or the later none.
    """
    sides = _cut(examples, settings.calibration_share)
    grounds = _Grounds.of(features, sides, examples, settings)
    heads, late_log_odds = {}, np.empty(0)
    names = (OVERALL, *_offences(examples, features.identity[0], settings))
    for done, name in enumerate(names):
        progress(f"fitting the {name} head", done / len(names))
        heads[name], log_odds = _fit_head(grounds, name, settings, grower)
        if name == OVERALL:
            late_log_odds = log_odds
    progress("fitted", 1.0)
    return RiskModel(
        features=features,
        encoding=grounds.whole.encoding,
        heads=heads,
        thresholds=_thresholds(features, sides.late, late_log_odds),
        normals=Normals.fit(features, examples.table, examples.weight),
        related=related(features, examples.table),
        unseen=_unseen(features, sides),
        tie_key=random.bytes(16),
        periods=_periods(examples, sides.since),
        counts=_counts(features, examples),
    )


@dataclass(frozen=True)
class _Ground:
    """Labelled records with their features encoded, once for all heads."""

    examples: Examples
    encoding: Encoding
    trends: tuple[int, ...]
    matrix: NDArray[np.float64]

    @classmethod
    def of(cls, examples: Examples, encoding: Encoding, features: FeatureSet) -> _Ground:
        trends = tuple(feature.trend for feature in features.features)
        return cls(examples, encoding, trends, encoding.matrix(examples.table))

    def material(self, outcome: str) -> Material:
        return Material.of(self.examples, self.matrix, self.encoding, outcome, self.trends)


@dataclass(frozen=True)
class _Grounds:
    """What the trees of a first fit grow on and are judged by, and those of the final one."""

    early: _Ground
    late: _Ground
    whole: _Ground
    views: tuple[Columns, ...]

    @classmethod
    def of(
        cls, features: FeatureSet, sides: _Sides, examples: Examples, settings: FitSettings
    ) -> _Grounds:
        early, whole = (
            Encoding.fit(side.table, features.features, settings.level_rows)
            for side in (sides.early, examples)
        )
        return cls(
            _Ground.of(sides.early, early, features),
            _Ground.of(sides.late, early, features),
            _Ground.of(examples, whole, features),
            views(features),
        )


def _fit_head(
    grounds: _Grounds, outcome: str, settings: FitSettings, grower: Grower
) -> tuple[Head, NDArray[np.float64]]:
    """Fit a booster a view, and pool and calibrate them by the later records.

    Returns
    -------
    The head, and its log-odds of the later records, by trees that did not see them.
    """
    early, late, every = (
        ground.material(outcome) for ground in (grounds.early, grounds.late, grounds.whole)
    )
    grown = [grower.grow_early(early.seen_through(v), late, settings) for v in grounds.views]
    raws = np.column_stack([raw_log_odds(booster, late.matrix) for booster in grown])
    shares = fit_shares(raws, late.label > 0, late.weight)
    raw = raws @ shares
    calibration = Platt.fit(raw, late.label > 0, late.weight)
    trusted = np.flatnonzero(shares)
    final = [
        grower.grow(every.seen_through(grounds.views[i]), settings, max(grown[i].num_trees(), 1))
        for i in trusted
    ]
    return Head(pooled(final, shares[trusted]), calibration), calibration.log_odds(raw)


def _cut(examples: Examples, share: float) -> _Sides:
    if not len(examples):
        raise ValueError("fitting expected labelled records, got none")
    since = examples.table["known_at"].sort_values().iloc[int((1 - share) * len(examples))]
    sides = _Sides(examples.known_before(since), examples.since(since), since)
    found = sides.early.outcome()
    if not len(found) or found.all() or not found.any():
        raise ValueError(
            "fitting expected both offences and clear results known before "
            f"{since.isoformat()}, got {int(found.sum())} offences among {len(found)} labelled rows"
        )
    return sides


def _offences(examples: Examples, subject_id: str, settings: FitSettings) -> list[str]:
    enough = settings.offence_positives
    return [o for o in examples.offences if examples.positives(o, subject_id) >= enough]


def _thresholds(features: FeatureSet, late: Examples, log_odds: NDArray[np.float64]) -> Thresholds:
    items = late.table[list(features.identity)].assign(log_odds=log_odds)
    return Thresholds.fit(expit(riskiest_items(items, features.identity[0])["log_odds"].to_numpy()))


def _unseen(features: FeatureSet, sides: _Sides) -> Novelty:
    """Learn what is usual of what records state, or of all there is."""
    own = [features[features.names[column]] for column in views(features)[0]]
    return Novelty.fit(own, sides.early.table, sides.late.table)


def _periods(examples: Examples, calibrated_since: pd.Timestamp) -> dict[str, str]:
    known_at = examples.table["known_at"]
    labels_last = examples.labels["label_known_at"].max()
    return {
        "training_first": known_at.min().isoformat(),
        "training_last": known_at.max().isoformat(),
        "known_last": max(known_at.max(), labels_last).isoformat(),
        "calibration_first": calibrated_since.isoformat(),
    }


def _counts(features: FeatureSet, examples: Examples) -> dict[str, int]:
    subject_id = features.identity[0]
    counts = {"rows": len(examples), "subjects": int(examples.table[subject_id].nunique())}
    for name in (OVERALL, *examples.offences):
        counts[f"positives_{name}"] = examples.positives(name, subject_id)
    return counts
