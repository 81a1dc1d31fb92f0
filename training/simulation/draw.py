"""Weighted draws without loops over rows.

Invariant: a draw uses only the generator it is given, so a seed fixes the world.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from training.simulation.columns import Bools, Floats, Ints


def weighted(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Draw `size` positions with probability proportional to `weights`.

    Raises
    ------
    ValueError
        When no weight is positive.
    """
    edges = np.cumsum(weights)
    if not len(edges) or edges[-1] <= 0:
        raise ValueError(f"expected a positive total weight, got {weights!r}")
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.minimum(drawn, np.flatnonzero(weights)[-1]).astype(np.int64)


def by_row(rng: np.random.Generator, matrix: Floats, rows: Ints) -> Ints:
    """Draw a column for each of `rows`, weighted by that row of `matrix`."""
    edges = np.cumsum(matrix, axis=1)[rows]
    return (edges <= (rng.random(len(rows)) * edges[:, -1])[:, None]).sum(axis=1)


def some(rng: np.random.Generator, share: float | Floats, size: int) -> Bools:
    """Draw `size` independent truths, each true with probability `share`."""
    return rng.random(size) < share


def zipf(rng: np.random.Generator, size: int, exponent: float) -> Floats:
    """Weights that fall as a power of the rank, in a random order; they sum to one."""
    weights = 1.0 / np.arange(1, size + 1) ** exponent
    return rng.permutation(weights / weights.sum())


@dataclass(frozen=True)
class Pool:
    """Candidates sorted by group, to draw one from a wanted group by weight."""

    members: Ints
    edges: Floats
    bounds: Ints

    @classmethod
    def of(cls, groups: Ints, weights: Floats, group_count: int) -> Self:
        """Sort the candidates of each group; a group may be empty."""
        members = np.argsort(groups, kind="stable")
        edges = np.concatenate([[0.0], np.cumsum(weights[members])])
        bounds = np.searchsorted(groups[members], np.arange(group_count + 1))
        return cls(members, edges, bounds.astype(np.int64))

    @classmethod
    def owned(cls, owners: Ints, among: Bools) -> Self:
        """Sort these candidates by their owner, all alike; those of nobody (-1) come last."""
        members = np.flatnonzero(among)
        groups = np.where(owners[members] < 0, owners.max(initial=0) + 1, owners[members])
        count = int(owners.max(initial=0)) + 2
        pool = cls.of(groups, np.ones(len(members)), count)
        return cls(members[pool.members], pool.edges, pool.bounds)

    def draw(self, rng: np.random.Generator, groups: Ints) -> Ints:
        """Draw one member for each wanted group, which must not be empty."""
        first, last = self.bounds[groups], self.bounds[groups + 1] - 1
        low, high = self.edges[first], self.edges[last + 1]
        at = low + rng.random(len(groups)) * (high - low)
        found = np.searchsorted(self.edges, at, side="right") - 1
        return self.members[np.clip(found, first, last)]
