"""The trees of a LightGBM model, read from its text, which holds every number to the last bit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.errors import TidewaiterError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_CATEGORICAL, _DEFAULT_LEFT = 1, 2


@dataclass(frozen=True)
class Tree:
    """One tree. Node 0 is the root, children come after their parents, and child -1 is leaf 0.

    Attributes
    ----------
    features, thresholds, decisions : shape (nodes,), as LightGBM writes them; the threshold of a
        categorical split is its number among the tree's `category_starts`.
    children : shape (nodes, 2), left and right.
    left_shares : shape (nodes,), share of a node's training rows that went left.
    leaf_values : shape (leaves,), raw log-odds.
    category_starts, category_words : bit sets of the categories that go left, 32 to a word.
    """

    features: Integers
    thresholds: Floats
    decisions: Integers
    children: Integers
    left_shares: Floats
    leaf_values: Floats
    category_starts: Integers
    category_words: NDArray[np.uint32]

    @property
    def expected(self) -> float:
        """What the tree is expected to say of a row of which nothing is known."""
        nodes: list[float] = [0.0] * len(self.features)
        leaves = self.leaf_values[::-1].tolist()  # leaf 0 is child -1, the last
        children, shares = self.children.tolist(), self.left_shares.tolist()
        for node in reversed(range(len(nodes))):
            left, right = (leaves[c] if c < 0 else nodes[c] for c in children[node])
            nodes[node] = right + shares[node] * (left - right)
        return float(nodes[0] if nodes else leaves[0])

    @property
    def categorical(self) -> NDArray[np.bool_]:
        """Shape (nodes,): the split asks for a category."""
        return (self.decisions & _CATEGORICAL) > 0

    @property
    def default_left(self) -> NDArray[np.bool_]:
        """Shape (nodes,): a missing number goes left."""
        return (self.decisions & _DEFAULT_LEFT) > 0

    @property
    def missing(self) -> Integers:
        """Shape (nodes,), what is missing: 0 nothing (NaN is zero), 1 zero and NaN, 2 NaN."""
        return (self.decisions >> 2) & 3


@dataclass(frozen=True)
class Forest:
    """The trees whose sum is a raw log-odds, and the number of features they read."""

    trees: tuple[Tree, ...]
    features: int

    @property
    def base_value(self) -> float:
        """What the trees are expected to say of a row of which nothing is known."""
        return math.fsum(tree.expected for tree in self.trees)

    @classmethod
    def of(cls, booster: lgb.Booster) -> Forest:
        """Read the trees that the booster predicts with.

        Raises
        ------
        TidewaiterError
            For linear leaves, several trees an iteration, or averaged trees: their contributions
            are not what is computed here.
        """
        header, *trees = _sections(booster.model_to_string())
        if header["num_tree_per_iteration"] != "1" or "average_output" in header:
            raise TidewaiterError(
                "explaining expected a booster whose trees add up to one score, got "
                f"{header['num_tree_per_iteration']} trees an iteration"
                f"{', averaged' if 'average_output' in header else ''}"
            )
        return cls(tuple(map(_tree, trees)), int(header["max_feature_idx"]) + 1)


def _sections(text: str) -> Iterator[dict[str, str]]:
    """Split a model's text into its header and its trees."""
    trees, _, _ = text.partition("\nend of trees")
    for section in trees.split("\nTree="):
        pairs = (line.partition("=") for line in section.splitlines())
        yield {name: value for name, _, value in pairs}


def _tree(written: Mapping[str, str]) -> Tree:
    if written.get("is_linear", "0") != "0":
        raise TidewaiterError(
            "explaining expected constant leaves, got a linear tree (linear_tree=true)"
        )
    left, right = (_numbers(written, f"{side}_child", np.int64) for side in ("left", "right"))
    children = np.stack([left, right], axis=1)
    nodes, leaves = (
        _numbers(written, f"{kind}_count", np.float64) for kind in ("internal", "leaf")
    )
    return Tree(
        features=_numbers(written, "split_feature", np.int64),
        thresholds=_numbers(written, "threshold", np.float64),
        decisions=_numbers(written, "decision_type", np.int64),
        children=children,
        left_shares=_left_shares(children, nodes, leaves),
        leaf_values=_numbers(written, "leaf_value", np.float64),
        category_starts=_numbers(written, "cat_boundaries", np.int64),
        category_words=_numbers(written, "cat_threshold", np.uint32),
    )


def _numbers(written: Mapping[str, str], name: str, dtype: Any) -> NDArray[Any]:
    return np.array(written.get(name, "").split(), dtype=dtype)


def _left_shares(children: Integers, nodes: Floats, leaves: Floats) -> Floats:
    """Share of the left child in the rows of both; a half where neither has any."""
    counts = np.concatenate([nodes, leaves[::-1]])[children]  # leaf 0 is child -1, the last
    both = counts.sum(axis=1)
    return np.divide(counts[:, 0], both, out=np.full(len(both), 0.5), where=both > 0)
