"""What an evaluation can claim: intervals, labels too few to claim anything, errors by group."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from training.enough import effective_size, shortage
from training.groups import ErrorRate, error_rates
from training.intervals import Interval, calibration_by_chance, headline_intervals
from training.metrics import Ranked


@dataclass(frozen=True)
class Evidence:
    """How far the figures of an evaluation carry.

    Attributes
    ----------
    intervals : 95 % intervals of headline metrics, by the names that `Report` gives them.
    calibration_by_chance : the calibration error that exact risks would show.
    effective_shipments : equally weighted shipments that would tell as much of all traffic.
    too_few : says what has too few labels for a claim, and how many.
    attributes : by what groups were told apart.
    errors : error rates of the groups with enough records.
    """

    intervals: dict[str, Interval]
    calibration_by_chance: float
    effective_shipments: float
    too_few: str | None
    attributes: tuple[str, ...]
    errors: tuple[ErrorRate, ...]

    @classmethod
    def of(
        cls, ranked: pd.DataFrame, values: pd.DataFrame, random: np.random.Generator
    ) -> Evidence:
        """Weigh ranked shipments, as `judged_shipments` gives them, and their groups."""
        intervals = headline_intervals(ranked, random)
        drawn = ranked.loc[ranked["random"]]
        intervals |= _prefixed("random_", headline_intervals(drawn, random))
        if (ranked["weight"] != 1).any():
            weighted = headline_intervals(ranked, random, weighted=True)
            intervals |= _prefixed("weighted_", weighted)
        return cls(
            intervals,
            calibration_by_chance(Ranked.of(ranked), random),
            effective_size(ranked["weight"].to_numpy(dtype=np.float64)),
            shortage(ranked),
            tuple(map(str, values)),
            tuple(error_rates(ranked, values)),
        )

    def to_json(self) -> dict[str, Any]:
        """Give the evidence as plain JSON."""
        return {
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "calibration_error_by_chance": self.calibration_by_chance,
            "effective_shipments": self.effective_shipments,
            "too_few": self.too_few,
            "error_rates": [
                asdict(one)
                | {
                    "false_positive_rate": one.false_positive_rate,
                    "false_positive_interval": list(one.interval),
                }
                for one in self.errors
            ],
        }


def _prefixed(prefix: str, intervals: dict[str, Interval]) -> dict[str, Interval]:
    return {prefix + name: ends for name, ends in intervals.items()}
