"""The last step to a feature table: what is derived from a record and its profiles' features.

Rows of one declaration at one instant must come together; nothing else is looked at across rows.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from features.catalog import FeatureSet

__all__ = ["finished"]


def finished(features: FeatureSet, rows: pd.DataFrame) -> pd.DataFrame:
    """Derive the remaining features.

    Parameters
    ----------
    rows : records with what :func:`features.facts.items` derives, ``known_at`` in microseconds
        since 1970 UTC, and the profiles' features.
    """
    columns = {name: _plain(rows[name]) for name in rows.columns}
    columns["known_at"] = rows["known_at"].to_numpy(dtype="int64").view("datetime64[us]")
    return features.table(columns, len(rows))


def _plain(series: pd.Series) -> Any:
    """Give a column as numbers or as objects with None for missing."""
    if pd.api.types.is_numeric_dtype(series):
        return series.to_numpy()
    values = series.to_numpy(dtype=object)
    values[series.isna().to_numpy()] = None
    return values
