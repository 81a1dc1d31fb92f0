"""Comparing feature tables by the measure the project promises."""

from __future__ import annotations

import numpy as np
import pandas as pd


def assert_same_features(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Counts, extremes and categories equal; means within 1e-9, deviations within 1e-6."""
    assert list(left.columns) == list(right.columns)
    assert len(left) == len(right)
    for name in left.columns:
        if not pd.api.types.is_numeric_dtype(left[name].dtype):
            pd.testing.assert_series_equal(left[name], right[name], check_index=False)
            continue
        tolerance = (
            1e-6 if "std" in name or "deviation" in name else 1e-9 if "mean" in name else 1e-12
        )
        np.testing.assert_allclose(
            left[name].to_numpy(float),
            right[name].to_numpy(float),
            rtol=tolerance,
            atol=tolerance,
            err_msg=name,
        )
