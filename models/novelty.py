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
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.feature import Feature

Floats = NDArray[np.float64]

# Share of later records above the threshold.
NOVEL_SHARE = 0.005
# Quantiles kept of a number: steps of half a percent.
_STEPS = 201


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

    def shares(self, values: pd.Series[Any]) -> Floats:
        """Shape (n,), share of training records at least as unusual; 0 for what none had."""
        if self.quantiles:
            found = self._tails(values.to_numpy(dtype=np.float64, na_value=np.nan))
        else:
            found = np.array([self.levels.get(value, 0.0) for value in values.tolist()])
        return np.where(values.isna(), self.missing, self.present * found)

    def _tails(self, numbers: Floats) -> Floats:
        quantiles = np.array(self.quantiles)
        below = np.searchsorted(quantiles, numbers, side="right") / len(quantiles)
        above = 1 - np.searchsorted(quantiles, numbers, side="left") / len(quantiles)
        return np.minimum(1.0, 2 * np.minimum(below, above))


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

    def surprisals(self, table: pd.DataFrame) -> Floats:
        """Shape (n, features), from 0 for the usual to the log of the training records and one."""
        shares = [usual.shares(table[name]) for name, usual in self.usual.items()]
        return -np.log(np.maximum(np.array(shares).T, 1 / (self.rows + 1)))

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Judge records.

        Returns
        -------
        One row a record, in their order: ``novelty``, the sum of surprisals; ``novel``, whether it
        exceeds the threshold; ``strangest``, the feature with the greatest part in it.
        """
        parts = self.surprisals(table).reshape(len(table), len(self.usual))
        total = parts.sum(axis=1)
        return pd.DataFrame(
            {
                "novelty": total,
                "novel": total > self.threshold,
                "strangest": np.array(list(self.usual), dtype=object)[parts.argmax(axis=1)],
            },
            index=table.index,
        )

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
