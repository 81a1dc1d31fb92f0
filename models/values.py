"""Feature tables, and a feature's value as answers, files and stored models hold it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, ValuesView
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


class Values(Mapping[str, Value]):
    """A record's features by name: a list in the order of names that many records share.

    Of some hundred features few are asked for, and putting each in its place costs more than that.

    Examples
    --------
    >>> record = Values({"mass": 0, "origin": 1}, [2.5, "KR"])
    >>> record["origin"], record.get("items"), [*record], [*record.values()]
    ('KR', None, ['mass', 'origin'], [2.5, 'KR'])
    """

    __slots__ = ("_places", "cells")

    def __init__(self, places: Mapping[str, int], cells: Sequence[Value]) -> None:
        self._places = places
        self.cells = cells

    def __getitem__(self, name: str) -> Value:
        """Give a feature's value."""
        return self.cells[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        """Give the names in their order."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the features."""
        return len(self._places)

    def values(self) -> ValuesView[Value]:
        """Give the values in their order."""
        return _Cells(self)


class _Cells(ValuesView[Value]):
    """The values of all features, read off the list."""

    _mapping: Values

    def __iter__(self) -> Iterator[Value]:
        return iter(self._mapping.cells)


def plain_value(value: object) -> Value:
    """Give a feature's value as JSON can hold it: a missing one is None.

    Examples
    --------
    >>> plain_value(float("nan")) is None, plain_value(np.float64(2)), plain_value("KR")
    (True, 2.0, 'KR')
    """
    if value is None or isinstance(value, str):
        return value
    plain = float(value) if isinstance(value, _NUMBERS) else math.nan
    return plain if math.isfinite(plain) else None
