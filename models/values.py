"""Feature tables, and a feature's value as answers, files and stored models hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# A frame, or an array a column, which few rows take less time in.
Table = pd.DataFrame | Mapping[str, NDArray[Any]]
Value = float | str | None
# Made once: a score of few records asks some thousand times.
_NUMBERS = (float, int, np.number)
# Rows of which all are laid side by side before some are chosen.
_FEW = 1_000


def side_by_side(
    table: Table, names: Sequence[str], rows: slice | NDArray[np.intp]
) -> NDArray[np.float64]:
    """Give some rows of columns of numbers, at least one, as one array; NaN is missing.

    Returns
    -------
    shape (rows, names)

    Examples
    --------
    >>> table = {"mass": np.array([1.5, np.nan, 9]), "items": np.array([1, 2, 3])}
    >>> side_by_side(table, ["items", "mass"], slice(2))
    array([[1. , 1.5],
           [2. , nan]])
    """
    if isinstance(table, pd.DataFrame):
        return table.iloc[rows][list(names)].to_numpy(dtype=np.float64, na_value=np.nan)
    columns = [table[name] for name in names]
    if len(columns[0]) > _FEW:
        columns, rows = [column[rows] for column in columns], slice(None)
    found = np.concatenate(columns, dtype=np.float64, casting="unsafe")
    return found.reshape(len(names), -1).T[rows]


def plain_value(value: object) -> Value:
    """Give a feature's value as JSON can hold it: a missing one is None.

    Examples
    --------
    >>> plain_value(float("nan")) is None, plain_value(np.float64(2)), plain_value("KR")
    (True, 2.0, 'KR')
    """
    if isinstance(value, str):
        return value
    plain = float(value) if isinstance(value, _NUMBERS) else math.nan
    return plain if math.isfinite(plain) else None
