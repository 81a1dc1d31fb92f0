"""Laying a forest out for compiled code.

Let every feature be known with chance t, independently, and let a row whose feature is not known
fall left with the share of training rows that did. A row's Shapley value of a feature is then the
integral over t from 0 to 1 of the derivative of the expected score by that feature's own chance
(Owen, "Multilinear extensions of games", 1972). Along a path of d features the integrand is a
polynomial in t of degree d - 1, so Gauss-Legendre quadrature at d/2 points is exact, and at each
point one walk down and up a tree gives every feature's derivative (Yu et al., "Linear TreeSHAP",
2022; Wettenstein, Mitchell and Yu, "Quadrature-TreeSHAP", 2026).
"""

from __future__ import annotations

import numpy as np

from models.explanation.forest import Floats, Forest, Integers, Tree
from models.explanation.kernel import CATEGORY, LANES
from models.explanation.layout import NODE, TREE, Plan, Records

_NAN_IS_MISSING = 2
_LEFT, _RIGHT = 0, 1


def lay_out(forest: Forest) -> Plan:
    """Lay a forest out."""
    start, parts = np.zeros(4, dtype=np.int64), []
    for tree in forest.trees:
        if len(tree.features):
            parts.append(_part(tree, forest.features, start))
            start += _sizes(parts[-1])
    parts.append(_guard(start))
    return Plan(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _sizes(part: Plan) -> Integers:
    return np.array([len(a) for a in (part.nodes, part.leaves, part.known, part.words)])


def _guard(start: Integers) -> Plan:
    """Mark the end of the last tree."""
    none = np.empty((0, LANES))
    trees = np.array([(*start[:3], 0)], TREE)
    return Plan(trees, np.empty(0, NODE), none[:, 0], np.empty(0, np.uint32), none, none)


def _part(tree: Tree, features: int, start: Integers) -> Plan:
    """Lay one tree out, behind what is there."""
    nodes = np.zeros(len(tree.features), NODE)
    shares, depth = _link(tree, nodes)
    known, weight, turns = _rules(np.array(shares), depth)
    nodes["feature"], nodes["threshold"] = tree.features, tree.thresholds
    nodes["share"] = tree.left_shares
    leaf = len(nodes) + ~tree.children
    nodes["left"], nodes["right"] = np.where(tree.children < 0, leaf, tree.children).T
    view = np.where(tree.categorical, _NAN_IS_MISSING, tree.missing)
    nodes["source"] = view * features + tree.features
    nodes["kind"] = np.where(tree.categorical, CATEGORY, tree.default_left)
    which = tree.thresholds[tree.categorical].astype(np.int64)
    nodes["words"][tree.categorical] = start[3] + tree.category_starts[which]
    nodes["word_count"][tree.categorical] = np.diff(tree.category_starts)[which]
    trees = np.array([(*start[:3], turns)], TREE)
    return Plan(trees, nodes, tree.leaf_values, tree.category_words, known, weight)


def _link(tree: Tree, nodes: Records) -> tuple[list[float], int]:
    """Tell each node what leads to it.

    Returns
    -------
    shares : by rule but the first, the share of training rows that meets what the path asked of
        the node's feature before; 1 where it asked nothing.
    depth : most features on the path to a leaf.
    """
    paths: list[dict[int, tuple[int, int, float]]] = [{}] * len(nodes)
    shares, depth = [1.0], 1
    children, left_shares = tree.children.tolist(), tree.left_shares.tolist()
    for node, feature in enumerate(tree.features.tolist()):
        path, rule = paths[node], 1
        earlier, side, share = path.get(feature, (0, _LEFT, 1.0))
        if earlier:
            shares.append(share)
            rule = len(shares)
        for name, value in (("earlier", earlier), ("earlier_side", side), ("rule", rule)):
            nodes[name][node] = value
        for side, part in ((_LEFT, left_shares[node]), (_RIGHT, 1 - left_shares[node])):
            child = children[node][side]
            longer = path | {feature: (node + 1, side, share * part)}
            if child < 0:
                depth = max(depth, len(longer))
            else:
                paths[child] = longer
                nodes["parent"][child], nodes["parent_side"][child] = node + 1, side
    return shares, depth


def _rules(shares: Floats, depth: int) -> tuple[Floats, Floats, int]:
    """Compute the rules of a tree: known, weight and the number of turns."""
    point, weight = np.polynomial.legendre.leggauss((depth + 1) // 2)
    turns = -(-len(point) // LANES)
    idle = turns * LANES - len(point)
    chance = np.pad((point + 1) / 2, (0, idle), constant_values=0.5)
    weight = np.pad(weight / 2, (0, idle))
    met = chance + np.outer(shares, 1 - chance)
    rules = np.stack([chance / met, weight * shares[:, None] / met**2])
    rules = np.pad(rules, ((0, 0), (1, 0), (0, 0)))
    known, weights = rules.reshape(2, -1, turns, LANES).swapaxes(1, 2).reshape(2, -1, LANES)
    return known, weights, turns
