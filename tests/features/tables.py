"""Comparing feature tables by the measure the project promises."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Of spreads and what is measured in them, and of means.
_TOLERANCES = (
    (1e-6, ("std", "spread", "deviation", "persons_gap", "mass_gap", "transit_time_gap")),
    (1e-9, ("mean",)),
)


def assert_same_features(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Counts, extremes and categories equal; means within 1e-9, deviations within 1e-6."""
    assert list(left.columns) == list(right.columns)
    assert len(left) == len(right)
    for name in left.columns:
        if not pd.api.types.is_numeric_dtype(left[name].dtype):
            pd.testing.assert_series_equal(left[name], right[name], check_index=False)
            continue
        tolerance = next((size for size, words in _TOLERANCES if _names(name, words)), 1e-12)
        np.testing.assert_allclose(
            left[name].to_numpy(float),
            right[name].to_numpy(float),
            rtol=tolerance,
            atol=tolerance,
            err_msg=name,
        )


def _names(feature: str, words: tuple[str, ...]) -> bool:
    return any(word in feature for word in words)
