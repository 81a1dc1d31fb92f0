"""Growing trees: what they are grown on, and where.

How many trees are wanted is always told by later records than those the trees are grown on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.encoding import Encoding
from models.examples import Examples
from models.settings import FitSettings
from models.views import Columns

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """What trees are grown on or judged by: rows with their outcomes.

    Attributes
    ----------
    matrix : shape (n, f), as `Encoding` encodes it.
    label, weight : shape (n,); labels are 0 and 1.
    encoding : tells the columns' names and which are categories.
    trends : the trend of each column, see `Feature`; none at all leaves every column free.
    """

    matrix: Floats
    label: Floats
    weight: Floats
    encoding: Encoding
    trends: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        examples: Examples,
        matrix: Floats,
        encoding: Encoding,
        outcome: str,
        trends: tuple[int, ...] = (),
    ) -> Material:
        """Take one outcome of labelled records whose features are encoded already."""
        label = examples.outcome(outcome).astype(np.float64)
        return cls(matrix, label, examples.weight, encoding, trends)

    def seen_through(self, view: Columns) -> Material:
        """Blank the columns outside a view, so that no tree can read them."""
        matrix = np.full_like(self.matrix, np.nan)
        matrix[:, view] = self.matrix[:, view]
        return replace(self, matrix=matrix)

    def parameters(self, settings: FitSettings) -> dict[str, Any]:
        """Give LightGBM's parameters for growing on these rows."""
        given = settings.booster_parameters()
        return given | {"monotone_constraints": list(self.trends)} if any(self.trends) else given


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
        return lgb.train(data.parameters(settings), _dataset(data), num_boost_round=trees)

    def grow_early(self, early: Material, late: Material, settings: FitSettings) -> lgb.Booster:
        """Stop when the later rows have not become likelier for a while."""
        grown = _dataset(early)
        judge = grown.create_valid(late.matrix, late.label, weight=late.weight)
        booster = lgb.train(
            early.parameters(settings),
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
