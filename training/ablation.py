"""Ablation: what each family of records adds to a model, fitted with one family more at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from features.catalog import families, feature_set
from models import Examples, FitSettings, RiskModel, fit_model
from training.judged import judged_shipments
from training.report import Report

__all__ = ["Gain", "Step", "ablation", "average_precision_gain", "step_rows"]

RATES_PCT = (1, 2, 5)
_DRAWS = 300


@dataclass(frozen=True)
class Gain:
    """Average precision above that of the step before, with its 95 % interval."""

    gain: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Whether the interval lies above zero; a family without that adds nothing shown."""
        return self.low > 0


@dataclass(frozen=True)
class Step:
    """A model of some families, judged by one or more evaluations.

    Attributes
    ----------
    families : those it sees, the last being the one added.
    ranked : by evaluation, its shipments as `judged_shipments` gives them.
    gains : by evaluation, against the step before; the first step has none.
    """

    families: tuple[str, ...]
    model: RiskModel
    ranked: Mapping[str, pd.DataFrame]
    gains: Mapping[str, Gain]


def ablation(
    subject: str, training: Examples, evaluations: Mapping[str, Examples], settings: FitSettings
) -> list[Step]:
    """Fit on the subject's own family, then with one family more at a time, and judge each.

    Parameters
    ----------
    training : labelled rows of the whole feature table.
    evaluations : by name, later rows of it.
    """
    known = families(subject)
    steps: list[Step] = []
    for count in range(1, len(known) + 1):
        features = feature_set(subject, known[:count])
        random = np.random.default_rng(settings.seed)
        model = fit_model(features, training, settings, random)
        ranked = {name: judged_shipments(model, rows) for name, rows in evaluations.items()}
        gains = {
            name: average_precision_gain(before, ranked[name], random)
            for name, before in (steps[-1].ranked if steps else {}).items()
        }
        steps.append(Step(known[:count], model, ranked, gains))
    return steps


def average_precision_gain(
    before: pd.DataFrame, after: pd.DataFrame, random: np.random.Generator
) -> Gain:
    """Compare two rankings of the same shipments.

    The interval is that of a paired bootstrap over shipments (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, chapter 13); it knows nothing of other fits.

    Parameters
    ----------
    before, after : as `judged_shipments` gives them, the subject's id first.
    """
    subject_id = after.columns[0]
    earlier = before.set_index(subject_id).loc[after[subject_id], "log_odds"].to_numpy()
    found, later = after["outcome"].to_numpy(dtype=bool), after["log_odds"].to_numpy()

    def gained(weight: np.ndarray[Any, Any]) -> float:
        return float(
            average_precision_score(found, later, sample_weight=weight)
            - average_precision_score(found, earlier, sample_weight=weight)
        )

    drawn = random.multinomial(len(found), np.full(len(found), 1 / len(found)), _DRAWS)
    gains = [gained(weight) for weight in drawn if (weight * found).any()]
    low, high = np.quantile(gains, [0.025, 0.975]) if gains else (np.nan, np.nan)
    return Gain(gained(np.ones(len(found))), float(low), float(high))


def step_rows(steps: Sequence[Step], evaluation: str) -> list[dict[str, Any]]:
    """Give a row a step: figures by name, the gain, and average precision by offence."""
    return [_row(step, evaluation) for step in steps]


def _row(step: Step, evaluation: str) -> dict[str, Any]:
    report = Report.of(step.ranked[evaluation])
    names = [*(f"precision_at_{rate}pct" for rate in RATES_PCT), "average_precision"]
    row: dict[str, Any] = {"families": "+".join(step.families)}
    row |= {name: report.metrics.get(name) for name in names}
    if evaluation in step.gains:
        gain = step.gains[evaluation]
        row |= {"gain": gain.gain, "gain_low": gain.low, "gain_high": gain.high}
        row["adds_nothing_shown"] = not gain.is_real
    return row | _by_offence(report.by_offence)


def _by_offence(by_offence: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        f"average_precision_{offence}": figures["average_precision"]
        for offence, figures in by_offence.items()
        if "average_precision" in figures
    }
