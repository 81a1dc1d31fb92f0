"""A feature: its name, what it means, and the sentence an officer reads.

A derived feature is a function over columns, the same for a table of history and for one record;
the columns it may read are the record's own fields, the profiles' features, and features derived
before it. Its docstring is its meaning.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Columns", "Derived", "Feature", "category", "number"]

Array = NDArray[Any]
Columns = Mapping[str, Array]
Kind = Literal["number", "category"]


@dataclass(frozen=True)
class Feature:
    """What is known of a feature besides its values.

    Parameters
    ----------
    name, meaning, unit, missing : str
        What it is called, says, is counted in, and what it means when it is absent.
    kind : {"number", "category"}
        Numbers are float64 with NaN for missing, categories text.
    wording : str
        Sentence with ``{value}`` in it; it may name other features in braces too.
    digits : int
        Decimals shown.
    trend : int
        1 where risk never falls as the number grows, whatever the rest says; -1 where it never
        rises; 0 where the domain is not certain.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    missing: str
    wording: str
    digits: int = 0
    trend: int = 0

    def sentence(
        self, value: object, normal: object = None, row: Mapping[str, object] | None = None
    ) -> str:
        """Say the value in words, with what is usual where that is known.

        Parameters
        ----------
        value, normal : float, str or None
            The value, and the usual one (median or most frequent) among like records.
        row : mapping, optional
            The record's other features, for wordings that name them.

        Examples
        --------
        >>> mass = Feature("mass", "number", "kg", "Net mass", "none", "Net mass is {value} kg", 1)
        >>> mass.sentence(12.34, 10.0)
        'Net mass is 12.3 kg (usual: 10.0).'
        >>> mass.sentence(float("nan"))
        'Net mass: unknown (none).'
        """
        if _is_missing(value):
            return f"{self.meaning.rstrip('.')}: unknown ({self.missing})."
        try:
            said = self.wording.format_map(_Shown(self, {**(row or {}), "value": value}))
        except KeyError:
            said = f"{self.meaning.rstrip('.')}: {self.shown(value)}"
        usual = "" if _is_missing(normal) else f" (usual: {self.shown(normal)})"
        return f"{said[:1].upper()}{said[1:]}{usual}."

    def shown(self, value: object) -> str:
        """Write a value as the sentence does."""
        if isinstance(value, int | float | np.number):
            return f"{float(value):,.{self.digits}f}"
        return str(value)


class _Shown(dict[str, object]):
    """Values written only when a wording names them."""

    def __init__(self, feature: Feature, values: Mapping[str, object]) -> None:
        super().__init__(values)
        self.feature = feature

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        if name != "value" and isinstance(value, float) and value.is_integer():
            return f"{value:,.0f}"
        return self.feature.shown(value)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value))


@dataclass(frozen=True)
class Derived:
    """A feature computed from columns already there."""

    feature: Feature
    compute: Callable[[Columns], Array]

    @property
    def name(self) -> str:
        """The feature's name."""
        return self.feature.name

    def __call__(self, columns: Columns) -> Array:
        """Compute the feature for every row."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.compute(columns)


def number(
    wording: str, *, unit: str, missing: str, digits: int = 0
) -> Callable[[Callable[[Columns], Array]], Derived]:
    """Declare a number derived from other columns; its name and meaning are the function's."""
    return _declare("number", wording, unit, missing, digits)


def category(
    wording: str, *, unit: str, missing: str
) -> Callable[[Callable[[Columns], Array]], Derived]:
    """Declare a category; its values are text."""
    return _declare("category", wording, unit, missing, 0)


def _declare(
    kind: Kind, wording: str, unit: str, missing: str, digits: int
) -> Callable[[Callable[[Columns], Array]], Derived]:
    def declare(compute: Callable[[Columns], Array]) -> Derived:
        meaning = (compute.__doc__ or "").strip().splitlines()[0]
        return Derived(
            Feature(compute.__name__, kind, unit, meaning, missing, wording, digits), compute
        )

    return declare
