"""How unlike the records that a model was trained on a record is, by what it states itself.

Every feature gives the share of training records that are at least as unusual in it: those whose
level is as rare or rarer, or whose number lies as far out on the same side. Surprisals, the
negative logs of these shares, are summed (Fisher's way to combine tests; feature by feature as in
Goldstein and Dengel, "Histogram-based outlier score", 2012). Features are not independent, so what
is novel is not told by a distribution but by records later than the training ones.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.feature import Feature
from models.values import Table, side_by_side

Floats = NDArray[np.float64]

# Share of later records above the threshold.
NOVEL_SHARE = 0.005
# Quantiles kept of a number: steps of half a percent.
_STEPS = 201
# Array by array costs more than value by value for fewer.
_ROWS_WORTH_SEARCH = 8


@dataclass(frozen=True)
class Usual:
    """How the training records' values of a feature lie.

    Attributes
    ----------
    present, missing : share of records with and without a value.
    levels : of a category, share of records whose level is as rare as this one or rarer.
    quantiles : of a number, ascending at even steps from least to greatest; else empty.
    """

    present: float
    missing: float
    levels: Mapping[str, float]
    quantiles: tuple[float, ...]

    @classmethod
    def of(cls, values: pd.Series[Any], kind: str) -> Usual:
        """Take the values of the training records."""
        known = values.dropna()
        present = len(known) / len(values)
        if kind == "category":
            counts = known.value_counts(normalize=True)
            rarer = counts.groupby(counts).transform("sum").groupby(counts).first().cumsum()
            levels = {str(level): float(rarer[share]) for level, share in counts.items()}
            return cls(present, 1 - present, levels, ())
        if known.empty:
            return cls(present, 1 - present, {}, ())
        quantiles = np.quantile(known.to_numpy(dtype=np.float64), np.linspace(0, 1, _STEPS))
        return cls(present, 1 - present, {}, tuple(quantiles.tolist()))

    @property
    def is_number(self) -> bool:
        """Whether the feature is a number that some record had."""
        return bool(self.quantiles)

    @cached_property
    def _known(self) -> dict[str | None, float]:
        known: dict[str | None, float] = {None: self.missing}
        known.update((level, self.present * rarer) for level, rarer in self.levels.items())
        return known

    def shares(self, levels: list[Any]) -> list[float]:
        """Give the shares of training records whose level is as rare; 0 for what none had."""
        known = self._known
        return [
            known[level] if level in known else self.missing if pd.isna(level) else 0.0
            for level in levels
        ]

    def tail(self, number: float) -> float:
        """Give the share of training records whose number lies as far out on the same side."""
        if math.isnan(number):
            return self.missing
        below = bisect_right(self.quantiles, number)
        above = _STEPS - bisect_left(self.quantiles, number)
        return self.present * min(1.0, 2 * min(below, above) / _STEPS)


@dataclass(frozen=True)
class Surprise:
    """How unlike those of training a record is.

    Attributes
    ----------
    surprisal : sum of surprisals of its features, natural logs.
    threshold : from which on a record is novel.
    feature : the feature with the greatest part in it.
    """

    surprisal: float
    threshold: float
    feature: str

    @property
    def is_novel(self) -> bool:
        """Whether hardly a record was so unlike those before it."""
        return self.surprisal > self.threshold


@dataclass(frozen=True)
class Novelty:
    """What is usual of each feature, and the surprisal from which on a record is novel.

    Attributes
    ----------
    rows : training records.
    threshold : sum of surprisals, natural logs.
    """

    rows: int
    usual: Mapping[str, Usual]
    threshold: float = np.inf

    @classmethod
    def fit(cls, features: Iterable[Feature], early: pd.DataFrame, late: pd.DataFrame) -> Novelty:
        """Learn what is usual of both tables, and from the later one what is novel to the other."""
        features = tuple(features)
        first = cls._of(features, early)
        surprisal = first.surprisals(late).sum(axis=1)
        threshold = float(np.quantile(surprisal, 1 - NOVEL_SHARE))
        return replace(cls._of(features, pd.concat([early, late])), threshold=threshold)

    @classmethod
    def _of(cls, features: tuple[Feature, ...], table: pd.DataFrame) -> Novelty:
        return cls(len(table), {f.name: Usual.of(table[f.name], f.kind) for f in features})

    def surprisals(self, table: Table) -> Floats:
        """Shape (n, features), from 0 for the usual to the log of the training records and one."""
        of_numbers = self._numbers.shares(table)
        shares = [
            of_numbers[name] if name in of_numbers else usual.shares(table[name].tolist())
            for name, usual in self.usual.items()
        ]
        return -np.log(np.maximum(np.array(shares).T, 1 / (self.rows + 1), order="C"))

    @cached_property
    def _numbers(self) -> _Numbers:
        return _Numbers.of(self.usual)

    def of(self, table: Table) -> list[Surprise]:
        """Judge records, in their order.

        Parameters
        ----------
        table : a frame, or an array a column, of which few rows take a tenth of a frame's time.
        """
        parts = self.surprisals(table)
        totals, names = parts.sum(axis=1).tolist(), list(self.usual)
        return [
            Surprise(total, self.threshold, names[place])
            for total, place in zip(totals, parts.argmax(axis=1).tolist(), strict=True)
        ]

    def to_json(self) -> dict[str, Any]:
        """Give what was learnt as plain JSON."""
        return {
            "rows": self.rows,
            "threshold": self.threshold,
            "usual": {
                name: {
                    "present": usual.present,
                    "missing": usual.missing,
                    "levels": dict(usual.levels),
                    "quantiles": list(usual.quantiles),
                }
                for name, usual in self.usual.items()
            },
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Novelty:
        """Read what `to_json` wrote."""
        usual = {
            name: Usual(**(one | {"quantiles": tuple(one["quantiles"])}))
            for name, one in plain["usual"].items()
        }
        return cls(plain["rows"], usual, plain["threshold"])


@dataclass(frozen=True)
class _Numbers:
    """What is usual of all numbers, side by side.

    Attributes
    ----------
    usual : by name.
    quantiles : shape (numbers, steps), ascending.
    present, missing : shape (numbers, 1).
    """

    usual: Mapping[str, Usual]
    quantiles: Floats
    present: Floats
    missing: Floats

    @classmethod
    def of(cls, usual: Mapping[str, Usual]) -> _Numbers:
        found = {name: one for name, one in usual.items() if one.is_number}
        return cls(
            found,
            np.array([one.quantiles for one in found.values()]),
            np.array([[one.present] for one in found.values()]),
            np.array([[one.missing] for one in found.values()]),
        )

    def shares(self, table: Table) -> dict[str, Sequence[float] | Floats]:
        """Shares of training records at least as unusual, shape (n,) a number."""
        if not self.usual:
            return {}
        values = side_by_side(table, tuple(self.usual), slice(None)).T
        if values.shape[1] < _ROWS_WORTH_SEARCH:
            each = zip(self.usual.items(), values.tolist(), strict=True)
            return {name: [*map(usual.tail, found)] for (name, usual), found in each}
        return dict(zip(self.usual, self._searched(values), strict=True))

    def _searched(self, values: Floats) -> Floats:
        """Search the quantiles of each number for all of its values, shape (numbers, n)."""
        least = np.empty(values.shape, dtype=np.intp)
        for place, (steps, found) in enumerate(zip(self.quantiles, values, strict=True)):
            above = _STEPS - steps.searchsorted(found, side="left")
            least[place] = np.minimum(steps.searchsorted(found, side="right"), above)
        tails = np.minimum(1.0, 2 * least / _STEPS)
        return np.where(np.isnan(values), self.missing, self.present * tails)
