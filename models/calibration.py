"""Platt scaling: a strictly increasing line in the log-odds, so that a risk is a frequency.

The slope is positive by construction, hence calibration never reorders records and SHAP values
scale with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Platt:
    """The line ``slope * raw + intercept`` from raw to calibrated log-odds, slope > 0.

    Examples
    --------
    >>> Platt(slope=2.0, intercept=-1.0).log_odds(np.array([0.5]))
    array([0.])
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (self.slope > 0 and np.isfinite([self.slope, self.intercept]).all()):
            raise ValueError(
                "calibration expected a finite line with a positive slope, "
                f"got slope {self.slope!r} and intercept {self.intercept!r}"
            )

    @classmethod
    def fit(cls, raw: Floats, outcome: NDArray[np.bool_], weight: Floats) -> Platt:
        """Fit the line by weighted maximum likelihood on records the booster has not seen.

        Parameters
        ----------
        raw : shape (n,), raw log-odds of the booster.
        outcome : shape (n,), whether an offence was found.
        weight : shape (n,), positive weights.

        Notes
        -----
        Targets are drawn in from 0 and 1 as in Platt, "Probabilistic outputs for support vector
        machines" (1999), which keeps the fit finite when classes are separable or one is absent.
        """
        centre, scale = float(raw.mean()), float(raw.std()) or 1.0
        standard = (raw - centre) / scale
        target = _targets(outcome, weight)

        def loss(parameters: Floats) -> tuple[float, Floats]:
            slope = np.exp(parameters[0])
            log_odds = slope * standard + parameters[1]
            value = np.sum(weight * (np.logaddexp(0.0, log_odds) - target * log_odds))
            residual = weight * (expit(log_odds) - target)
            gradient = np.array([slope * (residual @ standard), residual.sum()])
            return float(value / weight.sum()), gradient / weight.sum()

        found = minimize(loss, np.zeros(2), jac=True, bounds=[(-6.0, 6.0), (-50.0, 50.0)])
        slope = float(np.exp(found.x[0])) / scale
        return cls(slope, float(found.x[1]) - slope * centre)

    def log_odds(self, raw: Floats) -> Floats:
        """Calibrated log-odds of raw log-odds, same shape."""
        return self.slope * raw + self.intercept

    def to_json(self) -> dict[str, float]:
        """Give the line as plain JSON."""
        return {"slope": self.slope, "intercept": self.intercept}

    @classmethod
    def from_json(cls, plain: Mapping[str, float]) -> Platt:
        """Read the line that `to_json` wrote."""
        return cls(float(plain["slope"]), float(plain["intercept"]))


def _targets(outcome: NDArray[np.bool_], weight: Floats) -> Floats:
    positives = float(weight[outcome].sum())
    negatives = float(weight[~outcome].sum())
    return np.where(outcome, (positives + 1) / (positives + 2), 1 / (negatives + 2))
