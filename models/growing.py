"""Growing trees: what they are grown on, and where.

How many trees are wanted is always told by later records than those the trees are grown on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.encoding import Encoding
from models.examples import Examples
from models.settings import FitSettings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """What trees are grown on or judged by: rows with their outcomes.

    Attributes
    ----------
    matrix : shape (n, f), as `Encoding` encodes it.
    label, weight : shape (n,); labels are 0 and 1.
    encoding : tells the columns' names and which are categories.
    """

    matrix: Floats
    label: Floats
    weight: Floats
    encoding: Encoding

    @classmethod
    def of(cls, examples: Examples, matrix: Floats, encoding: Encoding, outcome: str) -> Material:
        """Take one outcome of labelled records whose features are encoded already."""
        label = examples.outcome(outcome).astype(np.float64)
        return cls(matrix, label, examples.weight, encoding)


class Grower(Protocol):
    """Where trees are grown."""

    @property
    def place(self) -> str:
        """Say where, for the record of a training."""
        ...

    def grow(self, data: Material, settings: FitSettings, trees: int) -> lgb.Booster:
        """Grow a number of trees."""
        ...

    def grow_early(self, early: Material, late: Material, settings: FitSettings) -> lgb.Booster:
        """Grow on the earlier rows as many trees as the later ones want."""
        ...


@dataclass(frozen=True)
class OneMachine:
    """Grows trees in this process."""

    place: str = "one machine"

    def grow(self, data: Material, settings: FitSettings, trees: int) -> lgb.Booster:
        """Grow a number of trees."""
        return lgb.train(settings.booster_parameters(), _dataset(data), num_boost_round=trees)

    def grow_early(self, early: Material, late: Material, settings: FitSettings) -> lgb.Booster:
        """Stop when the later rows have not become likelier for a while."""
        grown = _dataset(early)
        judge = grown.create_valid(late.matrix, late.label, weight=late.weight)
        booster = lgb.train(
            settings.booster_parameters(),
            grown,
            num_boost_round=settings.max_trees,
            valid_sets=[judge],
            callbacks=[lgb.early_stopping(settings.patience, verbose=False)],
        )
        return first_trees(booster, booster.best_iteration)


ONE_MACHINE = OneMachine()


def first_trees(booster: lgb.Booster, trees: int) -> lgb.Booster:
    """Keep the first trees of a booster."""
    return lgb.Booster(model_str=booster.model_to_string(num_iteration=trees))


def _dataset(data: Material) -> lgb.Dataset:
    return lgb.Dataset(
        data.matrix,
        label=data.label,
        weight=data.weight,
        feature_name=list(data.encoding.names),
        categorical_feature=list(data.encoding.categories),
    )
