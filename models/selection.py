"""From risks to control channels, before a post's capacity is known.

At most the named share of the calibration period's shipments lies strictly above a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RED_SHARE = 0.05
YELLOW_SHARE = 0.15


@dataclass(frozen=True)
class Thresholds:
    """Risks above which a shipment goes to physical inspection (red) or documents (yellow).

    Examples
    --------
    >>> Thresholds(red=0.6, yellow=0.2).channels(np.array([0.7, 0.6, 0.1])).tolist()
    ['red', 'yellow', 'green']
    """

    red: float
    yellow: float

    @classmethod
    def fit(cls, risks: NDArray[np.float64]) -> Thresholds:
        """Set the thresholds at the top 5 % and 15 % of risks, shape (n,), one a shipment."""
        return cls(_exceeded_by(risks, RED_SHARE), _exceeded_by(risks, YELLOW_SHARE))

    def channels(self, risks: NDArray[np.float64]) -> NDArray[np.str_]:
        """Channel of each risk, shape (n,): ``red``, ``yellow`` or ``green``."""
        return np.where(risks > self.red, "red", np.where(risks > self.yellow, "yellow", "green"))

    def to_json(self) -> dict[str, float]:
        """Give the thresholds as plain JSON."""
        return {"red": self.red, "yellow": self.yellow}

    @classmethod
    def from_json(cls, plain: Mapping[str, float]) -> Thresholds:
        """Read the thresholds that `to_json` wrote."""
        return cls(float(plain["red"]), float(plain["yellow"]))


def _exceeded_by(risks: NDArray[np.float64], share: float) -> float:
    """Find the largest risk that at most `share` of the risks exceed."""
    if not len(risks):
        raise ValueError("thresholds need at least one risk, got none")
    return float(np.sort(risks)[::-1][int(share * len(risks))])
