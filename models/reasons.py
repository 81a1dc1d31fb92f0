"""The strongest reasons for a score, in words an officer reads.

A reason is one feature, or several that tell one story. Reasons, the contribution of everything
else and the base value sum to the log-odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.catalog import FeatureSet
from models.normals import Normals, Peers
from models.related import Related
from models.values import Value
from models.wording import Told, reason_text

Direction = Literal["raises", "lowers"]


class Part(NamedTuple):
    """What one feature added to a reason; contributions are calibrated log-odds."""

    feature: str
    value: Value
    contribution: float


@dataclass(frozen=True)
class Reason:
    """The part that features which tell one story have in a score.

    Attributes
    ----------
    parts : the features that contributed; the first is the strongest in the reason's direction,
        and stands for all, the others by size.
    peers : what is normal of the strongest.
    text : sentences with the strongest's value, what is normal, and the direction.
    """

    parts: tuple[Part, ...]
    peers: Peers
    text: str

    @property
    def feature(self) -> str:
        """The strongest feature."""
        return self.parts[0].feature

    @property
    def value(self) -> Value:
        """Its value; None is missing."""
        return self.parts[0].value

    @cached_property
    def contribution(self) -> float:
        """The sum of the parts: positive raises the risk."""
        return float(np.sum([part.contribution for part in self.parts]))

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
            "features": [part._asdict() for part in self.parts],
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
        row: Mapping[str, Value],
        contributions: NDArray[np.float64],
        limit: int = 5,
    ) -> tuple[list[Reason], float]:
        """Find the `limit` largest reasons by size, and the sum of all other contributions.

        Parameters
        ----------
        row : the record's features, None where missing; see `plain_value`.
        contributions : shape (f,), in the order of the feature set. Features whose contributions
            sum to nothing are no reason.
        """
        sums = np.bincount(self._group_of, weights=contributions, minlength=len(self.groups))
        order = np.argsort(-np.abs(sums), kind="stable")[:limit].tolist()
        chosen = [self._members[group] for group in order if sums[group] != 0.0]
        plain = contributions.tolist()
        reasons = [self._reason(row, plain, places) for places in chosen]
        is_rest = np.ones(len(plain), dtype=bool)
        is_rest[[place for places in chosen for place in places]] = False
        return reasons, float(contributions[is_rest].sum())

    def _reason(
        self, row: Mapping[str, Value], contributions: Sequence[float], places: Sequence[int]
    ) -> Reason:
        names = self.features.names
        ways = 1 if sum(contributions[place] for place in places) > 0 else -1
        first = max(places, key=lambda place: ways * contributions[place])
        others = [place for place in places if place != first and contributions[place] != 0.0]
        others.sort(key=lambda place: -abs(contributions[place]))
        parts = tuple(
            Part(names[place], row[names[place]], contributions[place])
            for place in (first, *others)
        )
        peers = self.normals.peers(names[first], row)
        told = Told(names[first], row[names[first]], peers, ways > 0, len(others))
        text = reason_text(self.features, told, row)
        return Reason(parts, peers, text)
