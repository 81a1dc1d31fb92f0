"""Contributions of rows, tree by tree, as compiled code over a `Plan`.

All that is compiled stands in this file: numba's cache knows a change of this file, not of one that
it imports. Each row is worked out by itself, so that it gets the same bits alone and among others.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

from models.explanation.layout import Floats, Plan

# Points walked side by side: eight doubles are one vector of AVX-512, two of AVX2. Paths of up to
# 16 features need one turn, longer ones more.
LANES = 8
# Kind of a node that asks for a set of categories.
CATEGORY = 2
# Rows that a tree is applied to in turn: its records stay in the cache, and so do the rows' sums.
ROWS = 16
# LightGBM's own idea of zero.
ZERO = 1e-35


class Work(NamedTuple):
    """Where a block of rows is worked out.

    Attributes
    ----------
    views : shape (rows, 3 f), see `Plan`.
    sums : shape (rows * f, lanes), contributions by row and feature.
    states : by node, counted from 1: bit 0 where the row met every split of the node's feature so
        far and goes left, bit 1 where it met them and goes right, none where it did not meet them.
    reached : shape (nodes, lanes), chance to reach a node.
    expected : shape (nodes and leaves, lanes), what is expected of a row that is there.
    """

    views: Floats
    sums: Floats
    states: NDArray[np.int64]
    reached: Floats
    expected: Floats


@njit(cache=True, error_model="numpy", nogil=True)
def contributions(plan: Plan, base_value: float, matrix: Floats) -> Floats:
    """Sum the contributions of every feature over the trees.

    Parameters
    ----------
    matrix : shape (n, f), in C order.

    Returns
    -------
    shape (n, f + 1), raw log-odds, the last column the base value.
    """
    rows, features = matrix.shape
    found = np.empty((rows, features + 1))
    found[:, features] = base_value
    nodes = 0
    for tree in range(len(plan.trees) - 1):
        nodes = max(nodes, plan.trees[tree + 1].nodes - plan.trees[tree].nodes)
    most = min(rows, ROWS)
    work = Work(
        np.empty((most, 3 * features)),
        np.empty((most * features, LANES)),
        np.empty(nodes + 1, dtype=np.int64),
        np.empty((nodes, LANES)),
        np.empty((2 * nodes + 1, LANES)),
    )
    for start in range(0, rows, ROWS):
        here = min(ROWS, rows - start)
        work.sums[: here * features] = 0.0
        for row in range(here):
            _look(matrix[start + row], work.views[row])
        for tree in range(len(plan.trees) - 1):
            _add_tree(plan, tree, here, work)
        for row in range(here):
            for feature in range(features):
                total = 0.0
                for lane in range(LANES):
                    total += work.sums[row * features + feature, lane]
                found[start + row, feature] = total
    return found


@njit(inline="always")
def _look(values: Floats, views: Floats) -> None:
    """Write the three views of a row: NaN is zero; zero and NaN are missing; NaN is missing."""
    features = len(values)
    for feature in range(features):
        value = values[feature]
        zero = abs(value) <= ZERO
        views[feature] = 0.0 if zero or np.isnan(value) else value
        views[features + feature] = np.nan if zero else value
        views[2 * features + feature] = 0.0 if zero else value


@njit(inline="always")
def _add_tree(plan: Plan, tree: int, rows: int, work: Work) -> None:
    """Add one tree's contributions to the sums of some rows."""
    this, after = plan.trees[tree], plan.trees[tree + 1]
    nodes = plan.nodes[this.nodes : after.nodes]
    features = work.views.shape[1] // 3
    for leaf in range(after.leaves - this.leaves):
        put(work.expected, len(nodes) + leaf, lanes(plan.leaves[this.leaves + leaf]))
    put(work.reached, 0, lanes(1.0))
    work.states[0] = 1
    for row in range(rows):
        for turn in range(this.turns):
            rules = this.rules + turn * (after.rules - this.rules) // this.turns
            _descend(plan, nodes, rules, work.views[row], work)
            _ascend(plan, nodes, rules, row * features, work)


@njit(inline="always")
def _descend(plan: Plan, nodes: Any, rules: int, view: Floats, work: Work) -> None:
    """Decide at every node, and find the chance to reach it."""
    states = work.states
    for number in range(len(nodes)):
        node = nodes[number]
        met = (states[node.earlier] >> node.earlier_side) & 1
        states[number + 1] = met << (1 - _goes_left(node, view, plan.words))
        if number:
            above, state = nodes[node.parent - 1], states[node.parent]
            share = 1.0 - above.share if node.parent_side else above.share
            known = take(plan.known, rules + (above.rule if state else 0))
            taken = (state >> node.parent_side) & 1
            passing = plus(lanes(share), times(known, lanes(taken - share)))
            put(work.reached, number, times(take(work.reached, node.parent - 1), passing))


@njit(inline="always")
def _ascend(plan: Plan, nodes: Any, rules: int, first: int, work: Work) -> None:
    """Find what is expected below every node, and add its split's part of the derivative."""
    for number in range(len(nodes) - 1, -1, -1):
        node = nodes[number]
        state = work.states[number + 1]
        rule = rules + (node.rule if state else 0)
        right = take(work.expected, node.right)
        gap = minus(take(work.expected, node.left), right)
        pull = lanes((state & 1) - node.share)
        passing = plus(lanes(node.share), times(take(plan.known, rule), pull))
        put(work.expected, number, plus(right, times(passing, gap)))
        reached = times(take(work.reached, number), gap)
        part = times(reached, times(take(plan.weight, rule), pull))
        at = first + node.feature
        put(work.sums, at, plus(take(work.sums, at), part))


@njit(inline="always")
def _goes_left(node: Any, view: Floats, words: NDArray[np.uint32]) -> Any:
    """Decide as LightGBM does, 1 for left: a category that is no set member goes right."""
    value = view[node.source]
    if node.kind == CATEGORY:
        if not -1.0 < value < 32.0 * node.word_count:
            return 0
        code = np.int64(value)
        return np.int64(words[node.words + (code >> 5)] >> np.uint32(code & 31)) & 1
    return np.int64(value <= node.threshold) | (np.int64(np.isnan(value)) & node.kind)


class Lanes(types.Type):
    """A row of an array as one vector. LLVM finds none by itself: arrays might overlap."""


_LANES = Lanes("Lanes")
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """Lanes are a vector of LLVM's."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _VECTOR)


@intrinsic
def lanes(_typing: Any, value: Any) -> Any:
    """Give the same number to every lane."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        number = context.cast(builder, args[0], signature.args[0], types.float64)
        index, nothing = ir.IntType(32), ir.Constant(_VECTOR, ir.Undefined)
        one = builder.insert_element(nothing, number, ir.Constant(index, 0))
        zeros = ir.Constant(ir.VectorType(index, LANES), [0] * LANES)
        return builder.shuffle_vector(one, nothing, zeros)

    return _LANES(value), code


def _pointer(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Point to a row; the array and the row's number are the first two arguments."""
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    first = builder.mul(args[1], ir.Constant(args[1].type, LANES))
    return builder.bitcast(builder.gep(data, [first]), _VECTOR.as_pointer())


@intrinsic
def take(_typing: Any, array: Any, row: Any) -> Any:  # noqa: ARG001 - an integer
    """Read a row of an array, which must have as many columns as there are lanes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, signature, args), align=8)

    return _LANES(array, types.int64), code


@intrinsic
def put(_typing: Any, array: Any, row: Any, value: Any) -> Any:  # noqa: ARG001 - integer, lanes
    """Write a row of an array, which must have as many columns as there are lanes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(context, builder, signature, args), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, _LANES), code


def _each(instruction: str) -> Any:
    """Make a function of two that works lane by lane."""

    @intrinsic
    def each(_typing: Any, left: Any, right: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return getattr(builder, instruction)(*args)

        return _LANES(left, right), code

    return each


plus, minus, times = _each("fadd"), _each("fsub"), _each("fmul")
