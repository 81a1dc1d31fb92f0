"""The strongest reasons for a score, in words an officer reads.

A reason is one feature, or several that tell one story. Reasons, the contribution of everything
else and the base value sum to the log-odds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from features.catalog import FeatureSet
from models.normals import Normals, Peers
from models.related import Related
from models.values import Value
from models.wording import Told, reason_text

Direction = Literal["raises", "lowers"]


@dataclass(frozen=True)
class Part:
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
            "features": [vars(part) for part in self.parts],
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
    def _group_of(self) -> NDArray[np.intp]:
        """Shape (f,), the group of each feature, in the order of the feature set."""
        numbers = {name: number for number, names in enumerate(self.groups) for name in names}
        return np.array([numbers[name] for name in self.features.names], dtype=np.intp)

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
        order = np.argsort(-np.abs(sums), kind="stable")[:limit]
        chosen = [int(group) for group in order if sums[group] != 0.0]
        members = [np.flatnonzero(self._group_of == group) for group in chosen]
        reasons = [self._reason(row, contributions, places) for places in members]
        rest = np.delete(contributions, np.concatenate([[], *members]).astype(np.intp))
        return reasons, float(rest.sum())

    def _reason(
        self,
        row: Mapping[str, Value],
        contributions: NDArray[np.float64],
        places: NDArray[np.intp],
    ) -> Reason:
        names = self.features.names
        parts = [Part(names[i], row[names[i]], float(contributions[i])) for i in places]
        ways = 1 if sum(part.contribution for part in parts) > 0 else -1
        strongest = max(parts, key=lambda part: ways * part.contribution)
        others = [part for part in parts if part is not strongest and part.contribution != 0.0]
        others.sort(key=lambda part: -abs(part.contribution))
        peers = self.normals.peers(strongest.feature, row)
        told = Told(strongest.feature, strongest.value, peers, ways > 0, len(others))
        text = reason_text(self.features, told, row)
        return Reason((strongest, *others), peers, text)
