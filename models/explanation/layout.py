"""How a forest lies in memory for compiled code: flat records, and rules by quadrature point.

What belongs to a tree stands from its start to the next one's.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Records = NDArray[Any]

TREE = np.dtype([("nodes", "i8"), ("leaves", "i8"), ("rules", "i8"), ("turns", "i8")], align=True)
NODE = np.dtype(
    [
        ("threshold", "f8"),
        ("share", "f8"),
        *((name, "i4") for name in ("source", "kind", "words", "word_count", "feature", "rule")),
        *((name, "i4") for name in ("left", "right", "earlier", "earlier_side")),
        *((name, "i4") for name in ("parent", "parent_side")),
    ],
    align=True,
)


class Plan(NamedTuple):
    """A forest for compiled code; trees that are a single leaf have no part in it.

    Attributes
    ----------
    trees : where each tree's nodes, leaves and rules start, and its turns; a guard at the end.
    nodes : parents first. `source` is the feature in one of three views of a row (NaN is zero;
        zero and NaN are missing; NaN is missing); `kind` is 1 where the missing goes left and
        2 for a set of categories; `left` and `right` count a tree's leaves after its
        nodes; `earlier` and `parent` are the node, counted from 1, and side that led here, of the
        same feature and of any; `rule` counts from 0 within the tree.
    leaves : values of the leaves.
    words : bit sets of the categories that go left.
    known : shape (rules, lanes), the chance that the split's feature is known in a row that
        reaches the node; never by rule 0, which is for rows that failed an earlier split on it.
    weight : shape (rules, lanes), what a rule gives the derivative, quadrature weight included.
    """

    trees: Records
    nodes: Records
    leaves: Floats
    words: NDArray[np.uint32]
    known: Floats
    weight: Floats
