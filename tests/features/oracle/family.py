"""What every family of the oracle is made of: facts with their instants, and measures of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

DAY = pd.Timedelta(days=1)
NEVER = pd.Timestamp("2200-01-01", tz="UTC")

Fact = dict[str, Any]
World = Mapping[str, pd.DataFrame]
Measure = Callable[[list[Fact], pd.Timestamp], float]
# A column of the facts, and the column of the record asked about that it is compared with.
Keys = dict[str, str]


@dataclass(frozen=True)
class Family:
    """Facts of one relation, who is asked about in them, and what is measured of them.

    Parameters
    ----------
    facts : callable
        From records by kind, in versions, to facts: each is seen at t where known_at < t <= until.
    entities : dict of str to dict
        By subject, the entities it remembers.
    measures : dict of str to callable
        From what an entity sees at an instant to a number.
    group : str, optional
        The column that names the record whose facts they are.
    subject : str, optional
        Of which subject that record is; it does not see facts of its own.
    """

    facts: Callable[[World], list[Fact]]
    entities: dict[str, dict[str, Keys]]
    measures: dict[str, Measure]
    group: str | None = None
    subject: str | None = None


def versions(records: pd.DataFrame) -> list[Fact]:
    """Give every version of records but withdrawals, each with until when it held."""
    rows = records.astype(object).where(records.notna(), None).to_dict("records")
    every = [{**row, "until": row.get("superseded_at") or NEVER} for row in rows]
    return [row for row in every if not row["cancelled"]]


def in_force_at(rows: list[Fact], at: pd.Timestamp) -> list[Fact]:
    """Give the versions in force at an instant, those that came with it among them."""
    return [row for row in rows if row["known_at"] <= at < row["until"]]


def by(*columns: str) -> Keys:
    """Name an entity by columns that facts and records call the same."""
    return {column: column for column in columns}


def logarithm(value: float | None) -> float | None:
    return math.log(value) if value is not None and value > 0 else None


def count(flag: str | None = None) -> Measure:
    return lambda facts, _: len([fact for fact in facts if flag is None or fact[flag]])


def distinct(column: str, flag: str | None = None) -> Measure:
    return lambda facts, _: len(
        {fact[column] for fact in facts if flag is None or fact[flag]} - {None}
    )


def total(column: str) -> Measure:
    return lambda facts, _: math.fsum(_values(facts, column))


def mean(column: str) -> Measure:
    def measured(facts: list[Fact], at: pd.Timestamp) -> float:
        values = _values(facts, column)
        return statistics.fmean(values) if values else math.nan

    return measured


def spread(column: str) -> Measure:
    def measured(facts: list[Fact], at: pd.Timestamp) -> float:
        values = _values(facts, column)
        return statistics.stdev(values) if len(values) > 1 else math.nan

    return measured


def least(column: str) -> Measure:
    return lambda facts, _: min(_values(facts, column), default=math.nan)


def greatest(column: str) -> Measure:
    return lambda facts, _: max(_values(facts, column), default=math.nan)


def days_since_first(facts: list[Fact], at: pd.Timestamp) -> float:
    return max(((at - fact["known_at"]) / DAY for fact in facts), default=math.nan)


def days_since_last(facts: list[Fact], at: pd.Timestamp) -> float:
    return min(((at - fact["known_at"]) / DAY for fact in facts), default=math.nan)


def _values(facts: list[Fact], column: str) -> list[float]:
    return [fact[column] for fact in facts if fact[column] is not None]
