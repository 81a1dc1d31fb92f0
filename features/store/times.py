"""Instants as the store keeps them: whole microseconds since 1970 UTC, exact on every engine."""

from __future__ import annotations

import pandas as pd

__all__ = ["from_micros", "to_micros"]


def to_micros(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn every column of times into int64 microseconds, missing ones into <NA>."""
    result = frame.copy(deep=False)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            known = frame[name].notna()
            micros = frame[name].dt.tz_localize(None).astype("datetime64[us]").astype("int64")
            result[name] = micros if known.all() else micros.astype("Int64").where(known)
    return result


def from_micros(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Turn named columns of microseconds back into times in UTC."""
    result = frame.copy(deep=False)
    for name in names:
        result[name] = pd.to_datetime(frame[name].astype("Int64"), unit="us", utc=True).astype(
            "datetime64[us, UTC]"
        )
    return result
