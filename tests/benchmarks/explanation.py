"""Our explanations beside LightGBM's, and beside prediction alone.

Both compute exact SHAP values of raw log-odds, each on one thread unless said otherwise, of the
model that training makes of a simulated world, and of 600 trees of 63 leaves grown on the same
table with outcomes drawn from the first model's own scores, spread out. Every call has other rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from scipy.special import expit

from features.batch import feature_table
from features.catalog import feature_set
from models import FitSettings, RiskModel, fit_model
from models.examples import OVERALL
from models.explanation import Explainer
from models.growing import ONE_MACHINE, Material
from tests.benchmarks.harness import Contender, Options, Result, Timing, alternate
from tests.benchmarks.worlds import Filled
from training.dataset import labelled

ROWS = 50_000
ROUNDS = 5
ROW_COUNTS = (1, 256, 10_000)
TREES, LEAVES, BINS = 600, 63, 63
CHECKED = 500


def run(options: Options) -> Result:
    assert options.folder is not None
    world = Filled.make(options.folder, options.rows or ROWS, options.seed)
    with world.store as store:
        table = feature_table(store, "shipments")
        examples = labelled(feature_set("shipments"), table, store.read("inspections"))
    random = np.random.default_rng(options.seed)
    model = fit_model(feature_set("shipments"), examples, FitSettings(seed=options.seed), random)
    matrix = model.encoding.matrix(table)
    promoted = model.heads[OVERALL].booster
    rows = random.permutation(
        np.resize(matrix, (max(len(matrix), 2 * max(ROW_COUNTS)), matrix.shape[1]))
    )
    subjects = [
        Subject.make("promoted", promoted, rows),
        Subject.make("large", _large(promoted, matrix, model, random), rows),
    ]
    timings: dict[str, Timing] = {}
    for subject in subjects:
        timings |= subject.timings(options.rounds or ROUNDS)
    sizes = world.sizes | {"labelled items": len(examples), "features": len(model.feature_names)}
    facts = {k: v for subject in subjects for k, v in subject.facts().items()}
    seconds = {name: timing.median_s for name, timing in timings.items()}
    return Result("explanation", "row", sizes, timings, _ratios(seconds), facts)


def _large(
    promoted: lgb.Booster, matrix: np.ndarray, model: RiskModel, random: np.random.Generator
) -> lgb.Booster:
    """Grow trees as large as the settings let them; coarse bins grow them in less time."""
    raw = promoted.predict(matrix, raw_score=True)
    risk = expit(1.5 * (raw - raw.mean()) / raw.std() - 1)
    label = (random.random(len(matrix)) < risk).astype(float)
    settings = FitSettings(num_leaves=LEAVES, max_bin=BINS, threads=1)
    material = Material(matrix, label, np.ones(len(label)), model.encoding)
    return ONE_MACHINE.grow(material, settings, TREES)


@dataclass(frozen=True)
class Subject:
    """A model to explain, and rows to explain it on."""

    name: str
    booster: lgb.Booster
    explainer: Explainer
    construction_s: float
    rows: np.ndarray

    @classmethod
    def make(cls, name: str, booster: lgb.Booster, rows: np.ndarray) -> Subject:
        Explainer.of(booster)  # compiled now, or loaded
        started = time.perf_counter()
        explainer = Explainer.of(booster)
        return cls(name, booster, explainer, time.perf_counter() - started, rows)

    def timings(self, rounds: int) -> dict[str, Timing]:
        timings: dict[str, Timing] = {}
        for count in ROW_COUNTS:
            few = count == max(ROW_COUNTS)  # minutes a call
            turns = 20 * rounds if count == 1 else 1 if few else rounds
            timings |= alternate(self._contenders(count), turns, warm_up=0 if few else 1)
        return timings

    def _contenders(self, count: int) -> list[Contender]:
        def contender(what: str, work: Callable[[np.ndarray], object]) -> Contender:
            def turn(number: int) -> object:
                start = number * count % (len(self.rows) - count + 1)
                return work(self.rows[start : start + count])

            return Contender(_name(self.name, what, count), turn, count)

        def lightgbm(threads: int, **asked: Any) -> Callable[[np.ndarray], object]:
            return lambda rows: self.booster.predict(rows, num_threads=threads, **asked)

        return [
            contender("ours", self.explainer.contributions),
            contender("pred_contrib", lightgbm(1, pred_contrib=True)),
            contender("pred_contrib, 2 threads", lightgbm(2, pred_contrib=True)),
            contender("prediction", lightgbm(1, raw_score=True)),
        ]

    def facts(self) -> dict[str, float]:
        rows = self.rows[:CHECKED]
        ours = self.explainer.contributions(rows)
        theirs = self.booster.predict(rows, pred_contrib=True)
        error = ours.sum(axis=1) - self.booster.predict(rows, raw_score=True)
        trees = self.booster.dump_model()["tree_info"]
        return {
            f"{self.name}: {name}": value
            for name, value in {
                "trees": len(trees),
                "leaves": sum(tree["num_leaves"] for tree in trees),
                "construction, ms": 1e3 * self.construction_s,
                "memory, MB": sum(array.nbytes for array in self.explainer.plan) / 1e6,
                "largest difference from pred_contrib, 1e-12 log-odds": 1e12
                * np.abs(ours - theirs).max(),
                "largest error of the sum, 1e-12 log-odds": 1e12 * np.abs(error).max(),
            }.items()
        }


def _name(subject: str, what: str, count: int) -> str:
    return f"{subject}, {count} rows: {what}"


def _ratios(seconds: dict[str, float]) -> dict[str, float]:
    pairs = (("pred_contrib", "ours"), ("pred_contrib, 2 threads", "ours"), ("ours", "prediction"))
    return {
        f"{subject}, {count} rows: {slow} / {quick}": seconds[_name(subject, slow, count)]
        / seconds[_name(subject, quick, count)]
        for subject in ("promoted", "large")
        for count in ROW_COUNTS
        for slow, quick in pairs
    }
