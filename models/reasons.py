"""The strongest reasons for a score, in words an officer reads.

A reason is one feature, or several that tell one story. Reasons, the contribution of everything
else and the base value sum to the log-odds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import add
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from features.catalog import FeatureSet
from models.normals import Normals
from models.related import Related
from models.values import Value, Values
from models.wording import Saying, saying

Direction = Literal["raises", "lowers"]
# As many or more NumPy sums in pairs.
_LEAST_PAIRWISE = 8


class Part(TypedDict):
    """What one feature added to a reason, as the API gives it: calibrated log-odds."""

    feature: str
    value: Value
    contribution: float


class Reason(TypedDict):
    """The part that features which tell one story have in a score, as the API gives it.

    Attributes
    ----------
    feature, value : the strongest in the reason's direction, which stands for all; None is missing.
    contribution : the sum of the parts: positive raises the risk.
    text : sentences with the strongest's value, what is normal, and the direction.
    features : the parts that contributed; the first is the strongest, the others come by size.
    peers : what is normal of the strongest.
    """

    feature: str
    value: Value
    contribution: float
    direction: Direction
    text: str
    features: list[Part]
    peers: dict[str, Any]


@dataclass(frozen=True)
class Reasoning:
    """How a model's contributions become reasons.

    Attributes
    ----------
    groups : the features that tell one story, together; every feature once.
    """

    features: FeatureSet
    groups: Related
    normals: Normals

    @cached_property
    def _members(self) -> tuple[tuple[int, ...], ...]:
        """Positions of each group's features in the feature set, ascending."""
        places = {name: place for place, name in enumerate(self.features.names)}
        return tuple(tuple(sorted(places[name] for name in names)) for names in self.groups)

    @cached_property
    def _group_of(self) -> NDArray[np.intp]:
        """Shape (f,), the group of each feature, in the order of the feature set."""
        numbers = np.empty(len(self.features.names), dtype=np.intp)
        for number, places in enumerate(self._members):
            numbers[list(places)] = number
        return numbers

    def strongest(
        self, rows: Sequence[Values], contributions: NDArray[np.float64], limit: int = 5
    ) -> Iterator[tuple[list[Reason], float]]:
        """Find each record's largest reasons by size, and the sum of all other contributions.

        Parameters
        ----------
        rows : the features of n records, in the order of the feature set, None where missing.
        contributions : shape (n, f), in the order of the feature set. Features whose contributions
            sum to nothing are no reason.
        limit : most reasons of a record.
        """
        each, sums = np.arange(len(rows))[:, None], self._sums(contributions)
        order = np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :limit]
        largest = sums[each, order]
        is_other = np.ones(sums.shape, dtype=bool)
        is_other[each, order] = largest == 0.0
        others = zip(contributions, is_other[:, self._group_of], strict=True)
        rest = [float(np.add.reduce(found[is_others])) for found, is_others in others]
        # Of most features nothing is asked: views read the few faster than all become a list.
        views: list[Sequence[float]] = [memoryview(found) for found in contributions]
        small: list[Sequence[float]] = [memoryview(found) for found in -np.abs(contributions)]
        records = map(_Record, rows, map(self._like, rows), views, small)
        told = zip(records, order.tolist(), largest.tolist(), rest, strict=True)
        for record, groups, totals, other in told:
            found = zip(groups, totals, strict=True)
            yield [self._reason(record, group, total) for group, total in found if total], other

    def _sums(self, contributions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum contributions, shape (n, f), over the features of each group: shape (n, groups)."""
        shape = len(contributions), len(self.groups)
        places = np.arange(shape[0])[:, None] * shape[1] + self._group_of
        sums = np.bincount(places.ravel(), contributions.ravel(), shape[0] * shape[1])
        return sums.reshape(shape).view(np.float64)

    def _reason(self, record: _Record, group: int, total: float) -> Reason:
        row, like, contributions, _ = record
        places: Sequence[int] = self._members[group]
        names, raises = self.features.names, total > 0
        if len(places) > 1:
            places = record.strongest_first(places, raises)
        parts: list[Part] = [
            {
                "feature": names[place],
                "value": row.cells[place],
                "contribution": contributions[place],
            }
            for place in places
        ]
        of_first, value = self._saying(places[0], like), parts[0]["value"]
        if len(parts) > 1:
            total = total_of([part["contribution"] for part in parts])
        return {
            "feature": of_first.feature.name,
            "value": value,
            "contribution": total,
            "direction": "raises" if total > 0 else "lowers",
            "text": of_first.text(value, row, raises, len(parts) - 1),
            "features": parts,
            "peers": of_first.peers,
        }

    @cached_property
    def _saying(self) -> Callable[[int, str | None], Saying]:
        """What is said of the feature at a place among like records: few enough to be kept."""

        @lru_cache(maxsize=10_000)
        def made(place: int, like: str | None) -> Saying:
            feature, alike = self.features.features[place], self.normals.alike
            peers = self.normals.peers(feature.name, {} if alike is None else {alike: like})
            return saying(feature, peers, self.features.subject)

        return made

    def _like(self, row: Values) -> str | None:
        """Find in which value a record is like others, where these are enough."""
        value = None if self.normals.alike is None else str(row[self.normals.alike])
        return value if value in self.normals.like else None


class _Record(NamedTuple):
    """What is said of one record.

    Attributes
    ----------
    like : see `Normals`.
    contributions, smallness : shape (f,); the latter is minus the size of the former.
    """

    row: Values
    like: str | None
    contributions: Sequence[float]
    smallness: Sequence[float]

    def strongest_first(self, places: Iterable[int], raises: bool) -> list[int]:
        """Order what contributed: the strongest in a reason's direction, the others by size."""
        added = self.contributions
        found = sorted(filter(added.__getitem__, places), key=self.smallness.__getitem__)
        if (added[found[0]] > 0) != raises:
            first = next(place for place in found if (added[place] > 0) == raises)
            found.remove(first)
            found.insert(0, first)
        return found


def total_of(numbers: Sequence[float]) -> float:
    """Sum as NumPy does, at least one: fewer than eight from left to right, faster without it."""
    if len(numbers) < _LEAST_PAIRWISE:
        return reduce(add, numbers)
    return float(np.add.reduce(numbers))
