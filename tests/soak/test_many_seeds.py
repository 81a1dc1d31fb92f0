"""Several simulated worlds, each from its files to a judged model: load, features, train, evaluate.

Judged by the simulator's truth too, which the model never sees and which covers what nobody
inspected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from features.batch import feature_table
from features.home import Home
from features.store import Store
from models import RiskModel
from models.assessment import assess
from models.registry import Registry
from tests.soak.conftest import Length
from tidewaiter.loading import load
from training.evaluate import evaluate
from training.promotion import promote
from training.simulation import simulate
from training.split import start_of_day
from training.train import TrainingResult, train

SEEDS = 4
FIRST_SEED = 100
END = date(2026, 1, 1)
SCALE = 0.3
# Standard errors that a figure must lie beyond what it would be by chance.
CLEARLY = 3.0


@dataclass(frozen=True)
class Learnt:
    """A trained world; `later` holds the features of the evaluation period, inspected or not."""

    home: Home
    store: Store
    result: TrainingResult
    model: RiskModel
    later: pd.DataFrame
    truth: pd.Series

    @property
    def scores(self) -> pd.DataFrame:
        return self.model.per_shipment(self.model.score(self.later))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    factor = metafunc.config.getoption("--soak")
    seeds = range(FIRST_SEED, FIRST_SEED + Length(factor).of(SEEDS))
    metafunc.parametrize("learnt", seeds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def learnt(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"seed-{request.param}")
    home = Home(folder / "home").prepare()
    counts = simulate(folder / "world", days=365, end=END, seed=request.param, scale=SCALE)
    with Store.open(home) as store:
        files = [folder / "world" / f"{kind}.parquet" for kind in counts]
        for loaded in load(store, home, files):
            assert loaded.checked.rows_rejected == 0
            assert loaded.taken.inserted == counts[loaded.checked.kind]
        result = train(store, home, "shipments", seed=request.param)
        promote(store, home, "shipments", result.version)
        table = feature_table(store, "shipments")
        later = table[table["known_at"] >= start_of_day(result.evaluate_from)]
        truth = pd.read_parquet(folder / "world" / "truth" / "declarations.parquet")
        guilty = truth["offence"].notna().groupby(truth["declaration_id"]).any()
        model = Registry(home).champion("shipments").model
        yield Learnt(home, store, result, model, later.reset_index(drop=True), guilty)


def test_the_model_is_judged_on_later_records_than_it_knows(learnt):
    known_last = pd.Timestamp(learnt.model.periods["known_last"])
    assert known_last < start_of_day(learnt.result.evaluate_from)
    assert (learnt.later["known_at"] > known_last).all()


def test_evaluating_the_champion_gives_the_figures_of_training(learnt):
    figures = evaluate(learnt.store, learnt.home, "shipments")
    assert figures["out_of_sample"] is True
    assert {name: figures[name] for name in learnt.result.metrics} == learnt.result.metrics


def test_hidden_offenders_rank_above_honest_traders_more_often_than_by_chance(learnt):
    scores = learnt.scores
    guilty = learnt.truth[scores["declaration_id"]].to_numpy()
    auc = roc_auc_score(guilty, scores["log_odds"])
    print(f"AUC on truth {auc:.3f}, {guilty.sum()} of {len(guilty)} guilty")  # noqa: T201
    assert auc > 0.5 + CLEARLY * _chance(guilty)


def test_risk_is_calibrated_loosely_on_what_was_inspected(learnt):
    metrics = learnt.result.metrics
    error = metrics["expected_calibration_error"]
    print({k: round(v, 3) for k, v in metrics.items() if "_at_" not in k})  # noqa: T201
    # Fifteen bins of n/15 shipments lie about sqrt(p (1 - p) 15 / n) off by chance alone.
    rate, shipments = metrics["base_rate"], metrics["shipments"]
    by_chance = np.sqrt(rate * (1 - rate) * 15 / shipments)
    assert error < 0.1 + by_chance


def test_contributions_and_base_sum_to_the_log_odds_of_every_later_item(learnt):
    explanation = learnt.model.explain(learnt.later)
    frame = learnt.model.score(learnt.later).frame
    np.testing.assert_allclose(explanation.log_odds, frame["log_odds"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(expit(explanation.log_odds), frame["risk"], rtol=0, atol=1e-6)


def test_reasons_other_and_base_sum_to_the_log_odds_of_every_later_shipment(learnt):
    scores = learnt.scores.set_index("declaration_id")
    assessed = assess(learnt.model, learnt.later)
    assert [one.id for one in assessed] == scores.index.tolist()
    for one in assessed:
        told = one.base_value + one.other_contribution
        told += sum(reason["contribution"] for reason in one.reasons)
        assert told == pytest.approx(scores["log_odds"][one.id], abs=1e-6)
        assert all(reason["text"] for reason in one.reasons)


def _chance(guilty: np.ndarray) -> float:
    """Standard error of an AUC of 0.5 (Mann and Whitney, 1947)."""
    bad, good = guilty.sum(), (~guilty).sum()
    return float(np.sqrt((bad + good + 1) / (12 * bad * good)))
