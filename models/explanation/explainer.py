"""Exact SHAP values of a booster's raw log-odds, for one row or many.

They are the path-dependent ones of LightGBM's ``pred_contrib``, to rounding. Everything slow
happens when an explainer is made: reading the trees, and compiling or loading the code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np

from models.explanation.forest import Floats, Forest
from models.explanation.layout import Plan


@dataclass(frozen=True)
class Explainer:
    """A booster's trees, laid out for explaining.

    Attributes
    ----------
    features : columns that a matrix must have.
    base_value : raw log-odds before any feature is known.
    compiled : computes contributions from plan, base value and matrix.

    Examples
    --------
    >>> rows = np.arange(50.0)[:, None]
    >>> data = lgb.Dataset(rows, rows[:, 0] > 20, params={"verbosity": -1})
    >>> booster = lgb.train({"objective": "binary", "verbosity": -1}, data, 5)
    >>> found = Explainer.of(booster).contributions(rows)
    >>> found.shape
    (50, 2)
    >>> np.allclose(found.sum(axis=1), booster.predict(rows, raw_score=True))
    True
    """

    plan: Plan
    features: int
    base_value: float
    compiled: Callable[[Plan, float, Floats], Floats] = field(repr=False)

    @classmethod
    def of(cls, booster: lgb.Booster) -> Explainer:
        """Read the trees that the booster predicts with, and get the code ready.

        Raises
        ------
        TidewaiterError
            When the booster is no plain sum of trees with constant leaves.
        """
        # Numba waits for the first use: until then a home can say where compiled code is kept.
        from models.explanation.kernel import contributions  # noqa: PLC0415
        from models.explanation.plan import lay_out  # noqa: PLC0415

        forest = Forest.of(booster)
        explainer = cls(lay_out(forest), forest.features, forest.base_value, contributions)
        explainer.contributions(np.empty((0, forest.features)))
        return explainer

    def contributions(self, matrix: Floats) -> Floats:
        """Contributions of every feature to the raw log-odds of each row.

        Parameters
        ----------
        matrix : shape (n, f), encoded as for the booster.

        Returns
        -------
        shape (n, f + 1), the last column the base value; a row sums to its raw log-odds.
        """
        if matrix.ndim != 2 or matrix.shape[1] != self.features:
            raise ValueError(f"expected {self.features} columns, got a matrix of {matrix.shape}")
        # A copy: other layouts, and a matrix that may not be written to, would be compiled anew.
        return self.compiled(self.plan, self.base_value, np.array(matrix, np.float64, order="C"))
