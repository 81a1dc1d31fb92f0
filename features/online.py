"""The same declared features for records now, from the live store's tiles.

The store answers a handful of statements compiled from the profiles; whole earlier days come from
tiles, the day of asking from its facts, so the answer at any instant equals the one over history.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.catalog import feature_set
from features.store import Store

__all__ = ["LiveFeatures"]


class LiveFeatures:
    """Features of a subject's records from an open store.

    Parameters
    ----------
    store : Store
        The live store.
    subject : str
        ``shipments``.
    """

    def __init__(self, store: Store, subject: str) -> None:
        self.store = store
        self.features = feature_set(subject)

    def table(self, records: pd.DataFrame) -> pd.DataFrame:
        """Compute the feature table of pseudonymised records, in their order.

        All items of a declaration must be among the records, at one ``known_at``.
        """
        answered = self.store.live(self.features.subject, records)
        columns: dict[str, object] = {name: _column(records[name]) for name in records.columns}
        columns |= {name: _array(values) for name, values in answered.items()}
        columns["known_at"] = (
            records["known_at"].dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
        )
        table = self.features.table(columns, len(records))
        table["known_at"] = table["known_at"].dt.tz_localize("UTC")
        return table


def _column(series: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(series.dtype):
        return series.to_numpy()
    values = series.to_numpy(dtype=object)
    values[series.isna().to_numpy()] = None
    return values


def _array(values: list[object]) -> np.ndarray:
    if any(isinstance(value, str) for value in values):
        return np.array(values, dtype=object)
    return np.array([np.nan if value is None else value for value in values], dtype=float)
