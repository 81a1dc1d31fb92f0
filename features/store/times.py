"""Instants as the store keeps them: whole microseconds since 1970 UTC, exact on every engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

__all__ = ["instant", "micros", "to_micros"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Count the microseconds from 1970 to an aware moment, exactly.

    Examples
    --------
    >>> micros(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    return (moment - _EPOCH) // _MICROSECOND


def instant(since_1970_us: int) -> datetime:
    """Give the aware moment so many microseconds after 1970, exactly.

    Examples
    --------
    >>> instant(86_400_000_000).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return _EPOCH + timedelta(microseconds=since_1970_us)


def to_micros(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn every column of times into int64 microseconds, missing ones into <NA>."""
    result = frame.copy(deep=False)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            known = frame[name].notna()
            micros = frame[name].dt.tz_localize(None).astype("datetime64[us]").astype("int64")
            result[name] = micros if known.all() else micros.astype("Int64").where(known)
    return result
