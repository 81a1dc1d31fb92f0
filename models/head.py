"""One calibrated booster: the risk of one outcome.

Its explanation is exact: base value and contributions sum to its log-odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.calibration import Platt
from models.explanation import Explainer, Explanation

Floats = NDArray[np.float64]

# Waking a second thread costs more than a few hundred rows' prediction does.
ROWS_WORTH_THREADS = 256


@dataclass(frozen=True)
class Head:
    """A LightGBM booster and the line that calibrates its log-odds."""

    booster: lgb.Booster
    calibration: Platt

    def log_odds(self, matrix: Floats) -> Floats:
        """Calibrated log-odds, shape (n,), of an encoded matrix of shape (n, f)."""
        if not len(matrix):
            return np.empty(0, dtype=np.float64)
        return self.calibration.log_odds(raw_log_odds(self.booster, matrix))

    @cached_property
    def explainer(self) -> Explainer:
        """Explains the booster; made on first use, which takes a while."""
        return Explainer.of(self.booster)

    def explain(self, matrix: Floats) -> Explanation:
        """SHAP values, scaled to calibrated log-odds."""
        contributions = self.explainer.contributions(matrix)[:, :-1]
        [base_value] = self.calibration.log_odds(np.array([self.explainer.base_value]))
        return Explanation(self.calibration.slope * contributions, float(base_value))

    def save(self, path: Path) -> None:
        """Write the booster as LightGBM text; the calibration is the model's to write."""
        self.booster.save_model(path)

    @classmethod
    def load(cls, path: Path, calibration: Platt) -> Head:
        """Read a booster written by `save`."""
        return cls(lgb.Booster(model_file=path), calibration)


def raw_log_odds(booster: lgb.Booster, matrix: Floats) -> Floats:
    """Log-odds of a booster before calibration, shape (n,)."""
    raw = booster.predict(matrix, raw_score=True, num_threads=threads_for(matrix))
    return np.asarray(raw, dtype=np.float64)


def threads_for(matrix: Floats) -> int:
    """Count the threads worth their start: one for few rows, else 0, which is every core."""
    return 1 if len(matrix) < ROWS_WORTH_THREADS else 0
