"""What is normal of each feature among like records of training, and among all of them.

Training records are weighted as they were for training, so that what is normal is so of all traffic
and not of what was chosen for inspection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import FeatureSet
from features.feature import Feature
from models.values import Value

Floats = NDArray[np.float64]

# Records with a value that like records need to have, else all are taken.
LEAST_RECORDS = 30
_QUARTERS = np.array([0.25, 0.5, 0.75])
_DIGITS = 6


class Normal(NamedTuple):
    """How a feature's values lie among some records.

    Attributes
    ----------
    records : how many have a value.
    usual : median of a number, most frequent level of a category; None where none has a value.
    lower, upper : quartiles of a number, else None.
    share : of a category, the share of its most frequent level, 0 to 1, else None.
    """

    records: int
    usual: Value
    lower: float | None = None
    upper: float | None = None
    share: float | None = None

    @classmethod
    def of(cls, feature: Feature, values: pd.Series[Any], weight: Floats) -> Normal:
        """Take the values of some records, and the records' weights of the same shape (n,)."""
        known = values.notna().to_numpy(dtype=bool)
        found, weight = values.to_numpy()[known], weight[known]
        if not len(found):
            return cls(0, None)
        if feature.kind == "category":
            levels, places = np.unique(found.astype(str), return_inverse=True)
            shares = np.bincount(places, weights=weight) / weight.sum()
            most = int(shares.argmax())
            return cls(len(found), str(levels[most]), share=_rounded(shares[most]))
        lower, usual, upper = map(_rounded, _quarters(found.astype(np.float64), weight))
        return cls(len(found), usual, lower, upper)


class Peers(NamedTuple):
    """What is normal of a feature among the records that one is compared with.

    Attributes
    ----------
    alike, value : the feature in which these records agree, and its value; None for all records.
    """

    alike: str | None
    value: str | None
    normal: Normal

    def to_json(self) -> dict[str, Any]:
        """Give it as the API does."""
        records, usual, lower, upper, share = self.normal
        return {
            "alike": self.alike,
            "value": self.value,
            "records": records,
            "usual": usual,
            "lower": lower,
            "upper": upper,
            "share": share,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Peers:
        """Read what `to_json` wrote."""
        normal = {name: value for name, value in plain.items() if name not in {"alike", "value"}}
        return cls(plain["alike"], plain["value"], Normal(**normal))


@dataclass(frozen=True)
class Normals:
    """What is normal of each feature, among all records and among like ones.

    Attributes
    ----------
    alike : the category feature in which like records agree, if there is one.
    every : by feature, among all records.
    like : by the value of `alike` and feature; only where there were records enough.
    """

    alike: str | None
    every: Mapping[str, Normal]
    like: Mapping[str, Mapping[str, Normal]]

    @classmethod
    def fit(cls, features: FeatureSet, table: pd.DataFrame, weight: Floats) -> Normals:
        """Learn from training records and their weights, shape (n,)."""
        every = {f.name: Normal.of(f, table[f.name], weight) for f in features.features}
        alike = features.alike
        groups = table.groupby(alike, sort=True).indices if alike is not None else {}
        like = {
            str(value): _enough(features, table.iloc[rows], weight[rows])
            for value, rows in groups.items()
            if len(rows) >= LEAST_RECORDS
        }
        return cls(alike, every, like)

    def peers(self, name: str, row: Mapping[str, Value]) -> Peers:
        """Find what is normal of a feature among records like one, or among all."""
        if self.alike is not None and self.alike != name:
            value = str(row.get(self.alike))
            like = self.like.get(value)
            if like is not None and name in like:
                return Peers(self.alike, value, like[name])
        return Peers(None, None, self.every[name])

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON: of each feature a list, in the order of `Normal`'s attributes."""
        return {
            "alike": self.alike,
            "every": _plain(self.every),
            "like": {value: _plain(normals) for value, normals in self.like.items()},
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Normals:
        """Read what `to_json` wrote."""
        like = {value: _read(normals) for value, normals in plain["like"].items()}
        return cls(plain["alike"], _read(plain["every"]), like)


def _enough(features: FeatureSet, table: pd.DataFrame, weight: Floats) -> dict[str, Normal]:
    found = {f.name: Normal.of(f, table[f.name], weight) for f in features.features}
    return {name: normal for name, normal in found.items() if normal.records >= LEAST_RECORDS}


def _quarters(values: Floats, weight: Floats) -> Floats:
    """Weighted quartiles: the least values with a quarter, half, three quarters up to them."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weight[order])
    places = np.searchsorted(upto, _QUARTERS * upto[-1])
    found: Floats = values[order[np.minimum(places, len(order) - 1)]]
    return found


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _plain(normals: Mapping[str, Normal]) -> dict[str, tuple[object, ...]]:
    return {name: tuple(normal) for name, normal in normals.items()}


def _read(plain: Mapping[str, Any]) -> dict[str, Normal]:
    return {name: Normal(*values) for name, values in plain.items()}
