"""Labelled records: what a model is fitted on and judged by.

Features and labels have the same rows in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

OVERALL = "overall"
FOUND = "found_"


@dataclass(frozen=True)
class Examples:
    """Goods items (or crossings) that a control has looked at.

    Attributes
    ----------
    table : the feature table: identity, then one column a feature.
    labels : the same rows: ``outcome`` (bool: any offence found), ``found_<offence>`` (bool),
        ``label_known_at`` (UTC: when the result was known) and ``weight`` (positive).
    """

    table: pd.DataFrame
    labels: pd.DataFrame

    def __post_init__(self) -> None:
        if len(self.table) != len(self.labels):
            raise ValueError(
                f"examples need one label a row, got {len(self.table)} rows and "
                f"{len(self.labels)} labels"
            )

    def __len__(self) -> int:
        return len(self.table)

    def take(self, rows: NDArray[np.bool_]) -> Examples:
        """Keep the examples of a mask of shape (n,)."""
        return Examples(self.table.loc[rows], self.labels.loc[rows])

    def known_before(self, moment: pd.Timestamp) -> Examples:
        """Keep records from before a moment whose result was known before it, too."""
        past = (self.table["known_at"] < moment).to_numpy()
        return self.take(past & (self.labels["label_known_at"] < moment).to_numpy())

    def since(self, moment: pd.Timestamp) -> Examples:
        """Keep records known at a moment or later."""
        return self.take((self.table["known_at"] >= moment).to_numpy())

    def outcome(self, name: str = OVERALL) -> NDArray[np.bool_]:
        """Shape (n,): whether any offence, or the named one, was found."""
        column = "outcome" if name == OVERALL else FOUND + name
        return self.labels[column].to_numpy(dtype=bool)

    @property
    def weight(self) -> NDArray[np.float64]:
        """Shape (n,), scaled to a mean of 1."""
        weight = self.labels["weight"].to_numpy(dtype=np.float64)
        return weight / weight.mean() if len(weight) else weight

    @property
    def offences(self) -> tuple[str, ...]:
        """Offences that the labels tell apart."""
        return tuple(
            str(c).removeprefix(FOUND) for c in self.labels.columns if str(c).startswith(FOUND)
        )

    def positives(self, name: str, subject_id: str) -> int:
        """How many distinct subjects an offence was found in."""
        return int(self.table.loc[self.outcome(name), subject_id].nunique())
