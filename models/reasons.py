"""The strongest reasons for a score, in words an officer reads.

Reasons, the contribution of everything else and the base value sum to the log-odds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalog import FeatureSet

Value = float | str | None
# Made once: a score of few records asks some thousand times.
_NUMBERS = (float, int, np.number)


@dataclass(frozen=True)
class Reason:
    """One feature's part in a score.

    Attributes
    ----------
    value : the feature's value; None is missing.
    contribution : calibrated log-odds; positive raises the risk.
    text : the sentence of the feature, with the value and what is normal.
    """

    feature: str
    value: Value
    contribution: float
    text: str

    def to_json(self) -> dict[str, Any]:
        """Give the reason as the API does."""
        return {
            "feature": self.feature,
            "value": self.value,
            "contribution": self.contribution,
            "text": self.text,
        }


def strongest_reasons(
    features: FeatureSet,
    row: Mapping[str, Value],
    contributions: NDArray[np.float64],
    normals: Mapping[str, Value],
    limit: int = 5,
) -> tuple[list[Reason], float]:
    """Find the `limit` largest contributions by size, and the sum of the others.

    Parameters
    ----------
    row : the record's features, None where missing; see `plain_value`.
    contributions : shape (f,), in the order of the feature set. A feature that contributed
        nothing is no reason.
    normals : what is usual of each feature among the training records.
    """
    order = np.argsort(-np.abs(contributions), kind="stable")[:limit]
    chosen = [int(i) for i in order if contributions[i] != 0.0]
    reasons = []
    for i in chosen:
        name = features.names[i]
        text = features[name].sentence(row[name], normals.get(name), row)
        reasons.append(Reason(name, row[name], float(contributions[i]), text))
    return reasons, float(np.delete(contributions, chosen).sum())


def plain_value(value: object) -> Value:
    """Give a feature's value as JSON can hold it: a missing one is None.

    Examples
    --------
    >>> plain_value(float("nan")) is None, plain_value(np.float64(2)), plain_value("KR")
    (True, 2.0, 'KR')
    """
    if isinstance(value, _NUMBERS):
        plain = float(value)
        return plain if math.isfinite(plain) else None
    return value if isinstance(value, str) else None
