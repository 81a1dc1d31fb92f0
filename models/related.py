"""Which features tell one story: correlated ones are one reason, not several.

Counted over several windows, a measure says nearly the same; so do many features of one party. What
each contributes then hangs on which of them the trees happened to ask, and only their sum tells.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from features.catalog import FeatureSet

Floats = NDArray[np.float64]
Related = tuple[tuple[str, ...], ...]

# Every two numbers of a group are at least so correlated, unless they are one measure.
LEAST_CORRELATION = 0.8
# Records with both values that a correlation needs, and most that it is taken from.
LEAST_RECORDS, MOST_RECORDS = 30, 20_000


def related(features: FeatureSet, table: pd.DataFrame) -> Related:
    """Group features by what training records show; each is in one group, alone in most.

    One group are the windows of one measure, categories of which one's values always begin with
    another's, and numbers of which every two have a Spearman correlation of at least 0.8 by size:
    clusters of complete linkage (Sørensen 1948) over one minus its size.
    """
    step = len(table) // MOST_RECORDS + 1
    apart = _distances(features, table.iloc[::step])
    if len(apart) == 1:
        return (features.names,)
    tree = linkage(squareform(apart, checks=False), "complete")
    groups = defaultdict(list)
    limit = 1 - LEAST_CORRELATION
    for name, number in zip(features.names, fcluster(tree, limit, "distance"), strict=True):
        groups[number].append(name)
    return tuple(map(tuple, groups.values()))


def _distances(features: FeatureSet, table: pd.DataFrame) -> Floats:
    """Shape (f, f), from 0 for one story to 1 for two."""
    position = {name: place for place, name in enumerate(features.names)}
    apart = np.ones((len(position), len(position)))
    numbers = [feature.name for feature in features.features if feature.kind == "number"]
    if numbers:
        places = [position[name] for name in numbers]
        apart[np.ix_(places, places)] -= np.abs(correlations(table[numbers]))
    for one, other in _same(features, table):
        apart[position[one], position[other]] = apart[position[other], position[one]] = 0.0
    np.fill_diagonal(apart, 0.0)
    return np.clip(apart, 0.0, 1.0)


def correlations(numbers: pd.DataFrame) -> Floats:
    """Spearman correlations of columns, shape (f, f).

    A missing value counts as the mean rank, which draws a pair that is seldom known together to 0.
    """
    ranks = numbers.astype("float64").rank()
    present = ranks.notna().to_numpy(dtype=np.float64)
    centred = (ranks - ranks.mean()).fillna(0.0).to_numpy()
    size = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, size, out=np.zeros_like(centred), where=size > 0)
    found: Floats = scaled.T @ scaled
    found[present.T @ present < LEAST_RECORDS] = 0.0
    return found


def _same(features: FeatureSet, table: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of one measure over two windows, and of a code with a longer one."""
    measures = defaultdict(list)
    for feature in features.features:
        if feature.window_days is not None:
            measures[feature.name.rpartition("__")[0]].append(feature.name)
    pairs = [pair for names in measures.values() for pair in combinations(names, 2)]
    categories = [feature.name for feature in features.features if feature.kind == "category"]
    return pairs + [
        pair for pair in combinations(categories, 2) if _is_longer(table[list(pair)].dropna())
    ]


def _is_longer(pair: pd.DataFrame) -> bool:
    """Whether one column's texts always begin with the other's, and are not the same."""
    known = pair.drop_duplicates().astype(str)
    if len(pair) < LEAST_RECORDS or known.iloc[:, 0].nunique() == known.iloc[:, 1].nunique() == 1:
        return False
    rows = list(known.itertuples(index=False, name=None))
    return all(a.startswith(b) for a, b in rows) or all(b.startswith(a) for a, b in rows)
