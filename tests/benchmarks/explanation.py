"""Exact reasons beside prediction alone, on the model that training makes of a simulated world.

Prediction is the overall head's log-odds, an explanation the exact SHAP values of that head; both
once from the feature table, with its encoding, and once from the encoded matrix alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.batch import feature_table
from features.catalog import feature_set
from models import FitSettings, RiskModel, fit_model
from models.examples import OVERALL
from tests.benchmarks.harness import Contender, Options, Result, Timing, alternate
from tests.benchmarks.worlds import Filled
from training.dataset import labelled

ROWS = 50_000
ROUNDS = 5
ROW_COUNTS = (1, 256, 10_000)


def run(options: Options) -> Result:
    assert options.folder is not None
    world = Filled.make(options.folder, options.rows or ROWS, options.seed)
    with world.store as store:
        table = feature_table(store, "shipments")
        examples = labelled(feature_set("shipments"), table, store.read("inspections"))
    random = np.random.default_rng(options.seed)
    model = fit_model(feature_set("shipments"), examples, FitSettings(seed=options.seed), random)
    asked = table.sample(max(ROW_COUNTS), replace=len(table) < max(ROW_COUNTS), random_state=0)
    timings = _timings(model, asked.reset_index(drop=True), options.rounds or ROUNDS)
    trees = model.heads[OVERALL].booster
    return Result(
        "explanation",
        "row",
        world.sizes
        | {"labelled items": len(examples), "features": len(model.feature_names)}
        | {"trees": trees.num_trees(), "leaves": _leaves(model), "heads": len(model.heads)},
        timings,
        _ratios({name: timing.median_s for name, timing in timings.items()}),
    )


def _ratios(seconds: dict[str, float]) -> dict[str, float]:
    pairs = {"explanation / prediction": ("explain", "predict"), "SHAP / trees": ("SHAP", "trees")}
    return {
        f"{name}, rows: {count}": seconds[f"{slow} {count}"] / seconds[f"{quick} {count}"]
        for name, (slow, quick) in pairs.items()
        for count in ROW_COUNTS
    }


def _timings(model: RiskModel, table: pd.DataFrame, rounds: int) -> dict[str, Timing]:
    timings: dict[str, Timing] = {}
    for count in ROW_COUNTS:
        rows = table.iloc[:count]
        assert np.allclose(
            model.explain(rows).log_odds, model.score(rows).frame["log_odds"], atol=1e-9
        )
        contenders = _contenders(model, rows)
        timings |= alternate(contenders, rounds if count > 1 else 20 * rounds)
    return timings


def _contenders(model: RiskModel, rows: pd.DataFrame) -> list[Contender]:
    head, matrix, count = model.heads[OVERALL], model.encoding.matrix(rows), len(rows)
    return [
        Contender(f"predict {count}", lambda _: head.log_odds(model.encoding.matrix(rows)), count),
        Contender(f"explain {count}", lambda _: model.explain(rows), count),
        Contender(f"trees {count}", lambda _: head.log_odds(matrix), count),
        Contender(f"SHAP {count}", lambda _: head.explain(matrix), count),
    ]


def _leaves(model: RiskModel) -> int:
    trees = model.heads[OVERALL].booster.dump_model()["tree_info"]
    return sum(tree["num_leaves"] for tree in trees)
