"""Views: what the members of an ensemble see of a record.

One sees only what the record itself states, the other only what history and comparison add. A
single booster that sees both leans on histories too much: they fit past outcomes more closely than
later ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from features.catalog import FeatureSet
from features.feature import Array

Columns = NDArray[np.intp]


def views(features: FeatureSet) -> tuple[Columns, ...]:
    """Give the columns of each view; a feature set of one kind of feature has one view."""
    own = np.isin(features.names, stated(features))
    return tuple(np.flatnonzero(part) for part in (own, ~own) if part.any())


def stated(features: FeatureSet) -> tuple[str, ...]:
    """Name the features made from the record's own fields alone."""
    found: list[str] = []
    derived = {entry.name for entry in features.derived}
    history = set(features.names) - derived
    for entry in features.derived:
        asked = _Asked()
        entry(asked)
        if history.isdisjoint(asked.names):
            found.append(entry.name)
        else:
            history.add(entry.name)
    return tuple(found)


class _Asked(Mapping[str, Array]):
    """Columns without rows, which note the names they are asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getitem__(self, name: str) -> Array:
        self.names.append(name)
        return np.empty(0)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
