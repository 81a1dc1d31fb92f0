"""Measures: what a profile says of a stretch of time, as parts that merge.

A measure is made of components, each an aggregate whose merge is a sum, a minimum or a maximum. So
components of instants merge into those of a day, days into windows, and whole days with the day so
far, in any order and grouping. Second moments are taken about a fixed centre near the values, so
that a standard deviation does not cancel (shifted data; Chan, Golub and LeVeque 1983).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import ibis

from features.components import Aggregate, Component

__all__ = [
    "Count",
    "DaysSince",
    "Maximum",
    "Mean",
    "Measure",
    "Minimum",
    "Rate",
    "Spread",
    "Sum",
]

Expression = Any  # ibis publishes no types
_DAY_US = 86_400_000_000
_ROUNDING = 4e-14


class Measure(Protocol):
    """What a profile can be asked for."""

    @property
    def name(self) -> str:
        """Second part of the features' names."""
        ...

    @property
    def windows(self) -> tuple[int, ...]:
        """Windows in days, each a feature."""
        ...

    @property
    def sentence(self) -> str:
        """Wording with ``{value}`` and ``{window}``."""
        ...

    @property
    def unit(self) -> str:
        """What it is counted in."""
        ...

    @property
    def missing(self) -> str:
        """What it means where it is absent."""
        ...

    def components(self) -> tuple[Component, ...]:
        """Give the parts that are kept in tiles."""
        ...

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:
        """Give the measure from its merged parts, at an instant in microseconds since 1970."""
        ...


@dataclass(frozen=True)
class Count:
    """Facts counted; with ``distinct`` a column's distinct values, with ``where`` a flag's facts.

    A distinct value's facts share one instant (all items of a declaration are known at once), which
    is what lets instants add up.
    """

    name: str
    sentence: str
    windows: tuple[int, ...]
    distinct: str | None = None
    where: str | None = None
    unit: str = "count"
    missing: str = "the record names no such key"

    def components(self) -> tuple[Component, ...]:
        """Give one count."""
        every = self.distinct is None and self.where is None
        return (Component(f"{self.name}__n", "sum", "int64", self._count, counts_rows=every),)

    def _count(self, facts: Expression, where: Expression | None) -> Expression:
        if self.where is not None:
            where = facts[self.where] if where is None else facts[self.where] & where
        if self.distinct is not None:
            return facts[self.distinct].nunique(where=where)
        return facts.count(where=where)

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:  # noqa: ARG002
        """Give zero where there is no fact."""
        return ibis.coalesce(parts[f"{self.name}__n"], 0).cast("float64")


@dataclass(frozen=True)
class Rate:
    """The share of one count in another, drawn to the usual share where there is little to go by.

    It is (hits + weight x usual) / (all + weight): the posterior mean under a beta prior worth
    ``weight`` facts (Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.4).
    """

    name: str
    sentence: str
    windows: tuple[int, ...]
    hits: Count
    among: Count
    usual: float
    weight: float
    unit: str = "share"
    missing: str = "the record names no such key"

    def components(self) -> tuple[Component, ...]:
        """Give both counts; profiles that count the same share them."""
        return (*self.hits.components(), *self.among.components())

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:
        """Give the usual share where there is no fact."""
        hits, among = self.hits.result(parts, at), self.among.result(parts, at)
        return (hits + self.weight * self.usual) / (among + self.weight)


@dataclass(frozen=True)
class Sum:
    """The sum of a column; zero where there is no fact."""

    name: str
    value: str
    sentence: str
    windows: tuple[int, ...]
    unit: str = ""
    missing: str = "the record names no such key"

    def components(self) -> tuple[Component, ...]:
        """Give one sum."""
        return (
            Component(
                f"{self.value}__sum",
                "sum",
                "float64",
                lambda facts, where: facts[self.value].sum(where=where),
            ),
        )

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:  # noqa: ARG002
        """Give the sum."""
        return ibis.coalesce(parts[f"{self.value}__sum"], 0.0)


def _moments(value: str, centre: float, order: int) -> tuple[Component, ...]:
    def power(exponent: int) -> Aggregate:
        def total(facts: Expression, where: Expression | None) -> Expression:
            shifted = facts[value] - centre
            return (shifted if exponent == 1 else shifted * shifted).sum(where=where)

        return total

    count = Component(
        f"{value}__n", "sum", "int64", lambda facts, where: facts[value].count(where=where)
    )
    sums = [Component(f"{value}__m{k}", "sum", "float64", power(k)) for k in range(1, order + 1)]
    return (count, *sums)


@dataclass(frozen=True)
class Mean:
    """The mean of a column over the facts that have it."""

    name: str
    value: str
    sentence: str
    windows: tuple[int, ...]
    centre: float = 0.0
    unit: str = ""
    missing: str = "no earlier fact with a value"

    def components(self) -> tuple[Component, ...]:
        """Give a count and a sum about the centre."""
        return _moments(self.value, self.centre, 1)

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:  # noqa: ARG002
        """Give the mean, missing where nothing was counted."""
        count = parts[f"{self.value}__n"].nullif(0)
        return parts[f"{self.value}__m1"] / count + self.centre


@dataclass(frozen=True)
class Spread:
    """The sample standard deviation of a column (n - 1); missing below two values."""

    name: str
    value: str
    sentence: str
    windows: tuple[int, ...]
    centre: float = 0.0
    unit: str = ""
    missing: str = "fewer than two earlier facts with a value"

    def components(self) -> tuple[Component, ...]:
        """Give a count, a sum and a sum of squares about the centre."""
        return _moments(self.value, self.centre, 2)

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:  # noqa: ARG002
        """Give the standard deviation; rounding below zero counts as none."""
        count = parts[f"{self.value}__n"].cast("float64")
        first, second = parts[f"{self.value}__m1"], parts[f"{self.value}__m2"]
        squares = second - first * first / count.nullif(0)
        # Equal values leave nothing but rounding, which depends on the order of addition.
        real = ibis.ifelse(squares > _ROUNDING * second, squares, 0.0)
        return ibis.ifelse(count >= 2, (real / (count - 1)).sqrt(), ibis.null("float64"))


@dataclass(frozen=True)
class Minimum:
    """The least value of a column over the facts that have it."""

    name: str
    value: str
    sentence: str
    windows: tuple[int, ...]
    unit: str = ""
    missing: str = "no earlier fact with a value"
    merge: ClassVar[str] = "min"

    def components(self) -> tuple[Component, ...]:
        """Give one extreme."""
        return (Component(f"{self.value}__{self.merge}", self.merge, "float64", self._extreme),)

    def _extreme(self, facts: Expression, where: Expression | None) -> Expression:
        return getattr(facts[self.value], self.merge)(where=where)

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:  # noqa: ARG002
        """Give the extreme, missing where there is none."""
        return parts[f"{self.value}__{self.merge}"]


@dataclass(frozen=True)
class Maximum(Minimum):
    """The greatest value of a column over the facts that have it."""

    merge: ClassVar[str] = "max"


@dataclass(frozen=True)
class DaysSince:
    """Days from the last (or first) fact of the window to now, with their fraction."""

    name: str
    sentence: str
    windows: tuple[int, ...]
    first: bool = False
    unit: str = "days"
    missing: str = "no earlier fact in the window"

    def components(self) -> tuple[Component, ...]:
        """Give the instant of the first or the last fact."""
        if self.first:
            return (Component("first_at", "min", "int64", _earliest),)
        return (Component("last_at", "max", "int64", _latest),)

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:
        """Give the distance in days."""
        instant = parts["first_at" if self.first else "last_at"]
        return (at - instant).cast("float64") / _DAY_US


def _earliest(facts: Expression, where: Expression | None) -> Expression:
    return facts.known_at.min(where=where)


def _latest(facts: Expression, where: Expression | None) -> Expression:
    return facts.known_at.max(where=where)
