"""Categories as integer codes, learnt from training rows only.

A level that training did not see, or saw too rarely to learn from, is missing (NaN), as is a
missing value: all three take the same branch of every tree, in training and in service. Numbers are
rounded to single precision, so that no branch hangs on the last bits, in which two engines that
compute the same feature may differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.feature import Feature
from models.values import Table, side_by_side

# Rounded at once, and kept: few enough that they need little memory.
_ROWS = 5_000


@dataclass(frozen=True)
class Encoding:
    """How a feature table becomes a matrix: the columns, and the levels of the categories.

    Attributes
    ----------
    names : the features, in the order of the matrix's columns.
    levels : for each category feature its known levels; a level's code is its position.
    """

    names: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def fit(cls, table: pd.DataFrame, features: Iterable[Feature], min_rows: int = 1) -> Encoding:
        """Learn the levels of every category feature that occur in at least `min_rows` rows."""
        features = tuple(features)
        levels = {
            f.name: _levels(table[f.name], min_rows) for f in features if f.kind == "category"
        }
        return cls(tuple(f.name for f in features), levels)

    @cached_property
    def places(self) -> dict[str, int]:
        """Position of each feature among the columns."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def categories(self) -> tuple[int, ...]:
        """Positions of the category features among the columns."""
        return tuple(i for i, name in enumerate(self.names) if name in self.levels)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The features that are no categories, in the order of the columns."""
        return tuple(name for name in self.names if name not in self.levels)

    @cached_property
    def number_places(self) -> NDArray[np.intp]:
        """Positions of `numbers` among the columns."""
        places = [i for i, name in enumerate(self.names) if name not in self.levels]
        return np.array(places, dtype=np.intp)

    @cached_property
    def _codes(self) -> dict[str, dict[str, float]]:
        return {
            name: {level: float(code) for code, level in enumerate(levels)}
            for name, levels in self.levels.items()
        }

    def matrix(self, table: Table) -> NDArray[np.float64]:
        """Encode a feature table: a frame, or an array a column, which few rows take less time in.

        Returns
        -------
        shape (n, f), columns in the order of `names`; NaN is missing, unseen or rare.

        Raises
        ------
        ValueError
            When a feature has no column in the table.
        """
        return self.encoded(table)[0]

    def encoded(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Give the same, and the numbers before they were rounded where rows are few.

        Those of many would take as much room as the matrix.
        """
        try:
            return self._encoded(table)
        except KeyError as error:
            absent = [name for name in self.names if name not in table]
            raise ValueError(f"the feature table lacks the columns {absent}") from error

    def _encoded(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        matrix = np.empty((len(table[self.names[0]]), len(self.names)), dtype=np.float64)
        for column in self.categories:
            name = self.names[column]
            codes = self._codes[name]
            matrix[:, column] = [codes.get(value, np.nan) for value in table[name].tolist()]
        numbers = np.empty((len(matrix), 0))
        for start in range(0, len(matrix) if self.numbers else 0, _ROWS):
            rows = slice(start, start + _ROWS)
            numbers = side_by_side(table, self.numbers, rows)
            matrix[rows, self.number_places] = numbers.astype(np.float32)
        return matrix, numbers if len(matrix) <= _ROWS else None

    def to_json(self) -> dict[str, Any]:
        """Give the encoding as plain JSON."""
        return {
            "names": list(self.names),
            "levels": {name: list(levels) for name, levels in self.levels.items()},
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Encoding:
        """Read the encoding that `to_json` wrote."""
        levels = {name: tuple(levels) for name, levels in plain["levels"].items()}
        return cls(tuple(plain["names"]), levels)


def _levels(values: pd.Series[Any], min_rows: int) -> tuple[str, ...]:
    counts = values.dropna().value_counts()
    return tuple(sorted(str(level) for level in counts.index[counts >= min_rows]))
