"""How unlike the records that a model was trained on a record is, by what it states itself.

Every feature gives the share of training records that are at least as unusual in it: those whose
level is as rare or rarer, or whose number lies as far out on the same side. Surprisals, the
negative logs of these shares, are summed (Fisher's way to combine tests; feature by feature as in
Goldstein and Dengel, "Histogram-based outlier score", 2012). Features are not independent, so what
is novel is not told by a distribution but by records later than the training ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.feature import Feature
from models.values import Table, side_by_side

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]

# Share of later records above the threshold.
NOVEL_SHARE = 0.005
# Quantiles kept of a number: steps of half a percent.
_STEPS = 201
# Searching the quantiles of every number in turn costs more for fewer.
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

    def share(self, level: Any) -> float:
        """Give the share of training records whose level is as rare; 0 for what none had."""
        rarer = self.levels.get(level)
        if rarer is None:
            return self.missing if level is None or pd.isna(level) else 0.0
        return self.present * rarer


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
        shares = np.empty((len(table[next(iter(self.usual))]), len(self.usual)))
        for place, (name, usual) in enumerate(self.usual.items()):
            if not usual.is_number:
                shares[:, place] = [usual.share(level) for level in table[name].tolist()]
        numbers = self._numbers
        if numbers.places:
            values = side_by_side(table, numbers.names, slice(None))
            shares[:, numbers.places] = numbers.shares(values)
        return -np.log(np.maximum(shares, 1 / (self.rows + 1)))

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
    places : of the numbers among all features.
    quantiles : shape (numbers, steps), ascending.
    present, missing : shape (numbers,).
    """

    places: tuple[int, ...]
    names: tuple[str, ...]
    quantiles: Floats
    present: Floats
    missing: Floats

    @classmethod
    def of(cls, usual: Mapping[str, Usual]) -> _Numbers:
        found = {name: one for name, one in usual.items() if one.is_number}
        return cls(
            tuple(place for place, one in enumerate(usual.values()) if one.is_number),
            tuple(found),
            np.array([one.quantiles for one in found.values()]).reshape(len(found), _STEPS),
            np.array([one.present for one in found.values()]),
            np.array([one.missing for one in found.values()]),
        )

    def shares(self, values: Floats) -> Floats:
        """Shares of training records at least as unusual, shape (n, numbers) as the values."""
        count = _compared if len(values) < _ROWS_WORTH_SEARCH else _searched
        below, above = count(self.quantiles, values)
        tails = np.minimum(1.0, 2 * np.minimum(below, above) / _STEPS)
        return np.where(np.isnan(values), self.missing, self.present * tails)


def _searched(quantiles: Floats, values: Floats) -> tuple[Counts, Counts]:
    """Count the quantiles up to each value and from it on, shape (n, numbers) as the values."""
    below, above = np.empty(values.shape, dtype=np.intp), np.empty(values.shape, dtype=np.intp)
    for place, steps in enumerate(quantiles):
        below[:, place] = np.searchsorted(steps, values[:, place], side="right")
        above[:, place] = _STEPS - np.searchsorted(steps, values[:, place], side="left")
    return below, above


def _compared(quantiles: Floats, values: Floats) -> tuple[Counts, Counts]:
    """Count the same by comparing every value with every quantile: faster for few rows."""
    beside = values[:, :, None]
    below = np.count_nonzero(quantiles <= beside, axis=2)
    return below, np.count_nonzero(quantiles >= beside, axis=2)
