"""A feature: its name, what it means, and the sentence an officer reads.

A derived feature is a function over columns, the same for a table of history and for one record;
the columns it may read are the record's own fields, the profiles' features, and features derived
before it. Its docstring is its meaning.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from features.language import ENGLISH, Language, language

__all__ = ["Columns", "Derived", "Feature", "category", "number"]

Array = NDArray[Any]
Columns = Mapping[str, Array]
Kind = Literal["number", "category"]

# The unit of what is true or not, and how it, and what is missing, is said.
TRUTH = "0 or 1"
YES, NO = "yes", "no"
UNKNOWN = "…"
NOT_KNOWN = "not known ({missing}): {clause}"
MESSAGES = (YES, NO, NOT_KNOWN)
# Made once: a call says some hundred values.
_FLOATS = (float, np.floating)
_NUMBERS = (int, float, np.number)
_ALONE = ("value",)


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
        Sentence with ``{value}`` in it; it may name other features in braces too. In another
        language it is what the catalogue of messages has for it (:mod:`features.language`).
    digits : int
        Decimals shown.
    window_days : int, optional
        Days that a profile's feature looks back, ``{window}`` in the wording.
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
    window_days: int | None = None

    def __hash__(self) -> int:
        """Hash the name, which tells features apart: hashing all there is takes longer."""
        return hash(self.name)

    def sentence(
        self, value: object, row: Mapping[str, object] | None = None, language: Language = ENGLISH
    ) -> str:
        """Say the value in words.

        Parameters
        ----------
        value : float, str or None
            The value; a missing one is said to be not known, and why.
        row : mapping, optional
            The record's other features, for wordings that name them.
        language : Language
            What it is said in.

        Examples
        --------
        >>> mass = Feature("mass", "number", "kg", "Net mass", "none", "net mass is {value} kg", 1)
        >>> mass.sentence(12.34)
        'Net mass is 12.3 kg.'
        >>> mass.sentence(float("nan"))
        'Not known (none): net mass is … kg.'
        """
        return f"{self.said(value, row, language)}."

    def said(
        self, value: object, row: Mapping[str, object] | None = None, language: Language = ENGLISH
    ) -> str:
        """Say the same without the full stop, for sentences that go on."""
        template, names = _template(self.wording, self.window_days, language.code)
        if names == _ALONE:
            clause = template % self.shown(value, language)
        else:
            clause = template % tuple([self._filled(name, value, row, language) for name in names])
        if _is_missing(value):
            missing = language.text(self.missing)
            clause = f"{clause[:1].lower()}{clause[1:]}"
            clause = language.text(NOT_KNOWN).format(missing=missing, clause=clause)
        return f"{clause[:1].upper()}{clause[1:]}"

    def shown(self, value: object, language: Language = ENGLISH) -> str:
        """Write a value as the sentence does."""
        if _is_missing(value):
            return UNKNOWN
        if not isinstance(value, _NUMBERS):
            return str(value)
        if self.unit == TRUTH and value in {0, 1}:
            return language.text(YES if value else NO)
        return language.number(float(value), self.digits)

    def _filled(
        self, name: str, value: object, row: Mapping[str, object] | None, language: Language
    ) -> str:
        """Write what stands for a name in the wording: this feature's value, or another's."""
        if name == "value":
            return self.shown(value, language)
        beside = (row or {}).get(name)
        if isinstance(beside, float) and beside.is_integer():
            return language.number(beside, 0)
        return self.shown(beside, language)


@cache
def _template(wording: str, window_days: int | None, code: str) -> tuple[str, tuple[str, ...]]:
    """Give a wording as a template that ``%`` fills, and the features in it, in order."""
    template, names = "", []
    for text, name, _, _ in Formatter().parse(language(code).text(wording)):
        template += text.replace("%", "%%")
        if name == "window":
            template += str(window_days)
        elif name is not None:
            template += "%s"
            names.append(name)
    return template, tuple(names)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, _FLOATS) and math.isnan(value))


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
