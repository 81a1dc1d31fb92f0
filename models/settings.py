"""How a model is fitted: the booster's parameters and the shares of the training period.

The defaults were chosen by time-ordered validation inside one year of customs declarations.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FitSettings:
    """Parameters of a fit; names without comment are LightGBM's.

    Attributes
    ----------
    seed : seeds LightGBM; the same rows, settings and number of threads give the same trees.
    calibration_share : the latest share of training rows, which stops and calibrates.
    patience : trees without improvement after which a fit stops.
    level_rows : rows in which a category's level must occur to be told apart.
    offence_positives : shipments with an offence that its own head needs.
    threads : 0 takes every core.
    """

    seed: int = 0
    learning_rate: float = 0.08
    num_leaves: int = 63
    min_data_in_leaf: int = 20
    feature_fraction: float = 0.7
    bagging_fraction: float = 0.9
    lambda_l2: float = 0.5
    cat_smooth: float = 15.0
    cat_l2: float = 2.0
    max_cat_threshold: int = 32
    min_data_per_group: int = 25
    max_bin: int = 1023
    max_trees: int = 600
    patience: int = 60
    calibration_share: float = 0.2
    level_rows: int = 2
    offence_positives: int = 100
    threads: int = 0

    def booster_parameters(self) -> dict[str, Any]:
        """Give LightGBM's parameters: log-loss, deterministic, quiet."""
        ours = {"max_trees", "patience", "calibration_share", "level_rows"}
        ours |= {"offence_positives", "threads"}
        theirs = {name: value for name, value in asdict(self).items() if name not in ours}
        return theirs | {
            "objective": "binary",
            "bagging_freq": 1,
            "deterministic": True,
            "force_row_wise": True,
            "feature_pre_filter": False,
            "num_threads": self.threads,
            "verbosity": -1,
        }
