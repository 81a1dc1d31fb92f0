"""The last step to a feature table: what is derived from a record and its profiles' features.

Rows of one declaration at one instant must come together; nothing else is looked at across rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import FeatureSet

__all__ = ["finished"]


def finished(features: FeatureSet, rows: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
    """Derive the remaining features.

    Parameters
    ----------
    rows : columns of the records with what :func:`features.facts.items` derives, ``known_at`` as
        times or in microseconds since 1970 UTC, and the profiles' features.
    """
    columns = _Plain(rows)
    columns["known_at"] = _instants(rows["known_at"])
    return features.table(columns, len(rows["known_at"]))


def _instants(known_at: pd.Series) -> np.ndarray:
    if isinstance(known_at.dtype, pd.DatetimeTZDtype):
        return known_at.to_numpy(dtype="datetime64[us]")
    return known_at.to_numpy(dtype="int64").view("datetime64[us]")


class _Plain(dict[str, Any]):
    """Columns as numbers, or as objects with None for missing, made when they are read."""

    def __init__(self, rows: Mapping[str, Any] | pd.DataFrame) -> None:
        super().__init__()
        self.rows = rows

    def __missing__(self, name: str) -> Any:
        value = self[name] = _plain(self.rows[name])
        return value


def _plain(values: Any) -> Any:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.to_numpy("datetime64[us]")
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.asarray(values)
    # Equal texts are one object: a column of few texts takes little more than its places.
    places, texts = pd.factorize(values)
    missing = np.array([None], dtype=object)
    return np.append(texts.to_numpy(dtype=object), missing)[places]
