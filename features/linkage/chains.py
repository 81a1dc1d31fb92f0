"""Chains: who is joined to whom, directly or through others, and by how strong a way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["least"]


def least(steps: Iterable[tuple[Any, str, str]]) -> dict[tuple[str, str], Any]:
    """Find the way between any two whose costliest step costs least.

    Parameters
    ----------
    steps : iterable of (cost, one, other)

    Returns
    -------
    dict
        The cost of that step, for every two that some way joins, both ways round. Steps taken in
        order of cost, as in Kruskal's algorithm, the one that first joins two groups is it for any
        two across them.

    Examples
    --------
    >>> found = least([(1, "a", "b"), (5, "b", "c"), (9, "a", "c")])
    >>> found["a", "b"], found["a", "c"], found["c", "a"]
    (1, 5, 5)
    """
    groups: dict[str, list[str]] = {}
    found: dict[tuple[str, str], Any] = {}
    for cost, one, other in sorted(steps):
        here, there = groups.setdefault(one, [one]), groups.setdefault(other, [other])
        if here is there:
            continue
        for near in here:
            for far in there:
                found[near, far] = found[far, near] = cost
        here += there
        groups.update(dict.fromkeys(there, here))
    return found
