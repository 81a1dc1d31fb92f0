"""The strongest reasons for a score, in words an officer reads.

A reason is one feature, or several that tell one story. Reasons, the contribution of everything
else and the base value sum to the log-odds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from features.catalog import FeatureSet
from models.normals import Normals, Peers
from models.related import Related
from models.values import Value
from models.wording import Told, reason_text

Direction = Literal["raises", "lowers"]
# As many or more NumPy sums in pairs.
_LEAST_PAIRWISE = 8


class Part(TypedDict):
    """What one feature added to a reason, as the API gives it: calibrated log-odds."""

    feature: str
    value: Value
    contribution: float


class Reason(NamedTuple):
    """The part that features which tell one story have in a score.

    Attributes
    ----------
    parts : the features that contributed; the first is the strongest in the reason's direction,
        and stands for all, the others by size.
    contribution : the sum of the parts: positive raises the risk.
    peers : what is normal of the strongest.
    text : sentences with the strongest's value, what is normal, and the direction.
    """

    parts: list[Part]
    contribution: float
    peers: Peers
    text: str

    @property
    def feature(self) -> str:
        """The strongest feature."""
        return self.parts[0]["feature"]

    @property
    def value(self) -> Value:
        """Its value; None is missing."""
        return self.parts[0]["value"]

    @property
    def direction(self) -> Direction:
        """Whether the reason raises the risk or lowers it."""
        return "raises" if self.contribution > 0 else "lowers"

    def to_json(self) -> dict[str, Any]:
        """Give the reason as the API does."""
        return {
            "feature": self.feature,
            "value": self.value,
            "contribution": self.contribution,
            "direction": self.direction,
            "text": self.text,
            "features": self.parts,
            "peers": self.peers.to_json(),
        }


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
        self,
        rows: Sequence[Mapping[str, Value]],
        contributions: NDArray[np.float64],
        limit: int = 5,
    ) -> Iterator[tuple[list[Reason], float]]:
        """Find each record's largest reasons by size, and the sum of all other contributions.

        Parameters
        ----------
        rows : the features of n records, None where missing; see `plain_value`.
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
        members = self._members
        # Of most features nothing is asked: views read the few faster than all become a list.
        views: list[Sequence[float]] = [memoryview(found) for found in contributions]
        told = zip(rows, views, order.tolist(), largest.tolist(), rest, strict=True)
        for row, view, groups, totals, other in told:
            reasons = [
                self._reason(row, view, members[group], total > 0)
                for group, total in zip(groups, totals, strict=True)
                if total != 0.0
            ]
            yield reasons, other

    def _sums(self, contributions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum contributions, shape (n, f), over the features of each group: shape (n, groups)."""
        shape = len(contributions), len(self.groups)
        places = np.arange(shape[0])[:, None] * shape[1] + self._group_of
        sums = np.bincount(places.ravel(), contributions.ravel(), shape[0] * shape[1])
        return sums.reshape(shape).view(np.float64)

    def _reason(
        self,
        row: Mapping[str, Value],
        contributions: Sequence[float],
        places: Sequence[int],
        raises: bool,
    ) -> Reason:
        names = self.features.names
        first = (max if raises else min)(places, key=contributions.__getitem__)
        others = [place for place in places if place != first and contributions[place] != 0.0]
        if len(others) > 1:
            others.sort(key=lambda place: -abs(contributions[place]))
        parts: list[Part] = [
            {
                "feature": names[place],
                "value": row[names[place]],
                "contribution": contributions[place],
            }
            for place in (first, *others)
        ]
        total = total_of([part["contribution"] for part in parts])
        peers = self.normals.peers(names[first], row)
        told = Told(names[first], row[names[first]], peers, raises, len(others))
        return Reason(parts, total, peers, reason_text(self.features, told, row))


def total_of(numbers: Sequence[float]) -> float:
    """Sum as NumPy does, at least one: fewer than eight from left to right, faster without it."""
    if len(numbers) < _LEAST_PAIRWISE:
        return reduce(add, numbers)
    return float(np.add.reduce(numbers))
