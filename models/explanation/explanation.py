"""Exact SHAP values of calibrated log-odds: contributions and base value sum to the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Explanation:
    """What each feature contributed to each record's score.

    Attributes
    ----------
    contributions : shape (n, f), calibrated log-odds, columns in the order of the feature set.
    base_value : the log-odds before any feature is known (Lundberg et al., "Consistent
        individualized feature attribution for tree ensembles", 2018).
    """

    contributions: NDArray[np.float64]
    base_value: float

    @property
    def log_odds(self) -> NDArray[np.float64]:
        """Shape (n,), the scores that these contributions explain."""
        return self.base_value + self.contributions.sum(axis=1)
