"""Spans: the stretches of time in which something is seen, and how many are at an instant.

A span is open at its beginning and closed at its end: what is known at ``began`` is seen after it,
up to and with ``ended``. So spans change sums after their instants, and of equal instants it is the
moment asked about that comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from features.facts import DAY_US
from features.facts.fact import day_of

__all__ = ["changes", "leaves", "running", "summed", "united"]

Expression = Any  # ibis publishes no types


def leaves(day: Expression, window_days: int) -> Expression:
    """Give the last instant at which a window still reaches back to a day."""
    return (day + window_days + 1) * DAY_US - 1


def united(facts: Expression, by: Sequence[str], window_days: int) -> Expression:
    """Give the spans in which a window sees any of the facts, those that touch as one.

    Returns
    -------
    relation
        ``by``, ``began`` and ``ended``, in microseconds; facts that lack one of ``by`` have none.
    """
    named = facts.filter(*(facts[name].notnull() for name in by))
    left = leaves(named.day, window_days)
    single = named.group_by(*by, began=named.known_at).aggregate(
        ended=ibis.least(ibis.coalesce(named.until, left), left).max()
    )
    earlier = ibis.rows_window(
        preceding=(None, 1), group_by=[single[name] for name in by], order_by=single.began
    )
    marked = single.mutate(reached=single.ended.max().over(earlier))
    is_apart = marked.reached.isnull() | (marked.reached < marked.began)
    marked = marked.mutate(is_apart=is_apart.cast("int64"))
    so_far = ibis.cumulative_window(group_by=[marked[name] for name in by], order_by=marked.began)
    numbered = marked.mutate(number=marked.is_apart.sum().over(so_far))
    spans = numbered.group_by(*by, "number").aggregate(
        began=numbered.began.min(), ended=numbered.ended.max()
    )
    return spans.drop("number")


def changes(spans: Expression, names: Sequence[str]) -> Expression:
    """Give what spans change: more by each of the names when they begin, fewer when they end."""
    both = spans.mutate(sign=ibis.array([1, -1]).unnest())
    amounts = {name: both[name] * both.sign for name in names}
    moved = both.mutate(known_at=ibis.ifelse(both.sign == 1, both.began, both.ended), **amounts)
    return moved.drop("sign", "began", "ended")


def running(
    asked: Expression, changes: Expression, keys: Sequence[str], names: Sequence[str], by: str
) -> Expression:
    """Sum, wherever it is asked about, the changes before.

    Parameters
    ----------
    asked : keys and the column that gives the order.
    changes : the same and, by each of the names, how much more there is after it.
    by : the column that gives the order, such as ``known_at``.

    Returns
    -------
    relation
        Keys and the column of the order, each once, with the sums as float64.
    """
    nothing = {name: ibis.literal(0.0) for name in names}
    marks = asked.select(*keys, by, is_change=ibis.literal(0), **nothing).distinct()
    # Whole numbers, so that floats add up exactly; DuckDB adds them twice as fast as integers.
    moved = {name: changes[name].cast("float64") for name in names}
    rows = marks.union(changes.select(*keys, by, is_change=ibis.literal(1), **moved))
    before = ibis.cumulative_window(
        group_by=[rows[key] for key in keys], order_by=[rows[by], rows.is_change]
    )
    summed = rows.mutate(**{name: rows[name].sum().over(before) for name in names})
    return summed.filter(summed.is_change == 0).select(*keys, by, *names)


def summed(
    asked: Expression, changes: Expression, keys: Sequence[str], names: Sequence[str]
) -> Expression:
    """Sum, at every instant asked about, the changes before it, of which there may be very many.

    Those of whole days before are added up first; only those of the day itself are compared with
    the instant. The answer is that of :func:`running` by ``known_at``.
    """
    asks = asked.select(*keys, "day", "known_at").distinct()
    moved = changes.mutate(day=day_of(changes.known_at))
    days = moved.group_by(*keys, "day").aggregate(**{name: moved[name].sum() for name in names})
    before = running(asks, days, keys, names, "day")
    found = asks.inner_join(moved, [*keys, "day"], rname="changed_{name}")
    found = found.filter(found.changed_known_at < found.known_at)
    today = found.group_by(*keys, "known_at").aggregate(
        **{f"{name}_today": found[name].sum().cast("float64") for name in names}
    )
    joined = asks.left_join(before, [*keys, "day"], rname="before_{name}")
    joined = joined.left_join(today, [*keys, "known_at"], rname="today_{name}")
    sums = {name: joined[name] + ibis.coalesce(joined[f"{name}_today"], 0.0) for name in names}
    return joined.select(*keys, "known_at", **sums)
