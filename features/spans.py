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

__all__ = ["leaves", "running", "united"]

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


def running(
    asked: Expression, changes: Expression, keys: Sequence[str], names: Sequence[str]
) -> Expression:
    """Sum, at every instant asked about, the changes before it.

    Parameters
    ----------
    asked : keys and ``known_at``.
    changes : keys, ``known_at`` and, by each of the names, how much more there is after it.

    Returns
    -------
    relation
        Keys and ``known_at``, each once, with the sums as float64.
    """
    nothing = {name: ibis.literal(0, "int64") for name in names}
    marks = asked.select(*keys, "known_at", is_change=ibis.literal(0), **nothing).distinct()
    changed = changes.select(*keys, "known_at", is_change=ibis.literal(1), **_whole(changes, names))
    rows = marks.union(changed)
    before = ibis.cumulative_window(
        group_by=[rows[key] for key in keys], order_by=[rows.known_at, rows.is_change]
    )
    summed = rows.mutate(**{name: rows[name].sum().over(before) for name in names})
    found = summed.filter(summed.is_change == 0)
    return found.select(*keys, "known_at", **{n: found[n].cast("float64") for n in names})


def _whole(relation: Expression, names: Sequence[str]) -> dict[str, Expression]:
    return {name: relation[name].cast("int64") for name in names}
