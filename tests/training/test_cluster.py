"""Trees grown over a real Dask cluster of two processes on this machine."""

import json
import os
import signal
import threading
import time
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from features.errors import TidewaiterError
from models import FitSettings, RiskModel, fit_model
from models.cluster import connected, losses, on_loopback, wanted_trees
from models.encoding import Encoding
from models.growing import ONE_MACHINE, Material
from models.registry import Registry
from tests.models.synthetic import FEATURES, QUICK, some_examples
from tests.training.conftest import inspections_of
from training.split import split
from training.train import train


@pytest.fixture(scope="module")
def two_workers():
    with on_loopback(2) as started:
        yield started


@pytest.fixture(scope="module")
def grower(two_workers):
    with connected(two_workers.scheduler_address) as grower:
        yield grower


def material(examples, outcome="overall"):
    encoding = Encoding.fit(examples.table, FEATURES.features)
    return Material.of(examples, encoding.matrix(examples.table), encoding, outcome)


def average_precision(model, examples):
    return average_precision_score(
        examples.outcome(), model.score(examples.table).frame["risk"], sample_weight=examples.weight
    )


def test_a_model_of_two_workers_is_as_good_as_one_machines(grower, tmp_path):
    assert len(grower.workers) == 2
    examples = some_examples(24_000, seed=2)
    data = split(FEATURES, examples.table, inspections_of(examples))
    settings = FitSettings(num_leaves=15, max_trees=100, patience=20, threads=1)
    both = [
        fit_model(FEATURES, data.training, settings, np.random.default_rng(0), grower=where)
        for where in (ONE_MACHINE, grower)
    ]
    here, there = (average_precision(model, data.evaluation) for model in both)
    assert abs(here - there) < 0.005
    assert here > 2 * data.evaluation.outcome().mean()
    assert list(both[1].heads) == list(both[0].heads)
    both[1].save(tmp_path)
    again = RiskModel.load(tmp_path, FEATURES).score(data.evaluation.table).frame
    assert again.equals(both[1].score(data.evaluation.table).frame)
    assert "127.0.0.1" not in (tmp_path / "overall.txt").read_text()


def test_both_workers_learn_from_their_own_rows(grower):
    data = material(some_examples(2000))
    booster = grower.grow(data, QUICK, 5)
    here = ONE_MACHINE.grow(data, QUICK, 5)
    assert booster.num_trees() == here.num_trees() == 5
    roots = [b.dump_model()["tree_info"][0]["tree_structure"] for b in (booster, here)]
    assert roots[0]["internal_count"] == pytest.approx(roots[1]["internal_count"], rel=0.05)


def test_the_cluster_grows_with_the_settings_of_one_machine(grower):
    settings = FitSettings(num_leaves=5, lambda_l2=7.0, bagging_fraction=0.5, min_data_in_leaf=33)
    text = grower.grow(material(some_examples(2000)), settings, 2).model_to_string()
    for name, value in {**settings.booster_parameters(), "tree_learner": "data"}.items():
        if name not in {"num_threads", "verbosity", "deterministic", "feature_pre_filter"}:
            said = value if isinstance(value, str) else f"{value:g}"
            assert f"[{name}: {said}]" in text


def test_trees_are_counted_as_early_stopping_counts_them():
    early, late = material(some_examples(2000)), material(some_examples(800, seed=7))
    every = ONE_MACHINE.grow(early, QUICK, QUICK.max_trees)
    stopped = ONE_MACHINE.grow_early(early, late, QUICK)
    assert 1 < stopped.num_trees() < QUICK.max_trees
    assert wanted_trees(losses(every, late), QUICK.patience) == stopped.num_trees()


def test_losses_are_those_that_lightgbm_reports():
    early, late = material(some_examples(2000)), material(some_examples(800, seed=7))
    told = {}
    data = lgb.Dataset(early.matrix, label=early.label, weight=early.weight)
    judge = data.create_valid(late.matrix, late.label, weight=late.weight)
    booster = lgb.train(
        QUICK.booster_parameters(),
        data,
        num_boost_round=20,
        valid_sets=[judge],
        callbacks=[lgb.record_evaluation(told)],
    )
    np.testing.assert_allclose(losses(booster, late), told["valid_0"]["binary_logloss"], rtol=1e-9)


def test_few_offences_are_not_spread_thinner_than_the_workers(grower):
    examples = some_examples(400)
    first = examples.labels.index == examples.labels.index[0]
    data = material(examples)
    rare = Material(data.matrix, first.astype(float), data.weight, data.encoding)
    raw = grower.grow(rare, QUICK, 3).predict(data.matrix, raw_score=True)
    assert raw.mean() < -3


@pytest.mark.parametrize("known", [0, 1, 3, 40, 1500])
def test_a_category_that_few_or_no_records_have_does_no_harm(grower, known):
    data = material(some_examples(2000))
    codes = np.full((len(data.label), 3), np.nan)
    chosen = np.random.default_rng(1).permutation(len(codes))[:known]
    codes[chosen] = np.arange(known)[:, None] % [1, 2, 300]
    names = (*data.encoding.names, "one", "two", "many")
    levels = dict(data.encoding.levels) | dict.fromkeys(names[-3:], ("L",))
    wider = Material(
        np.hstack([data.matrix, codes]), data.label, data.weight, Encoding(names, levels)
    )
    booster = grower.grow(wider, FitSettings(), 5)
    assert booster.feature_name() == list(names)
    assert np.isfinite(booster.predict(wider.matrix)).all()


def test_a_view_with_a_trend_grows_on_the_cluster_without_the_other_columns(grower):
    data = replace(material(some_examples(2000)), trends=(1, 0, 0, 0))
    booster = grower.grow(data.seen_through(np.array([0, 1])), QUICK, 5)
    assert booster.num_feature() == 4
    assert set(np.flatnonzero(booster.feature_importance())) == {0, 1}
    assert "[monotone_constraints: 1,0,0,0]" in booster.model_to_string()


def test_a_worker_killed_while_trees_grow_is_said_and_the_cluster_is_usable_again():
    data = material(some_examples(24_000))
    with on_loopback(2) as started, connected(started.scheduler_address) as grower:
        pids = grower.client.run(os.getpid)

        def kill_one_that_grows():
            while not all(
                "_train_part" in str(work) for work in grower.client.processing().values()
            ):
                time.sleep(0.05)
            time.sleep(0.5)
            os.kill(min(pids.values()), signal.SIGKILL)

        killer = threading.Thread(target=kill_one_that_grows)
        killer.start()
        with pytest.raises(TidewaiterError, match="lost a worker"):
            grower.grow(data, FitSettings(num_leaves=255, learning_rate=0.01), 5000)
        killer.join()
        grower.client.wait_for_workers(2, timeout=60)
        few = material(some_examples(400))
        assert grower.grow(few, QUICK, 2).num_trees() == 2


def test_training_over_a_cluster_registers_a_version_and_says_where_it_grew(
    two_workers, store, home
):
    result = train(store, home, "shipments", settings=QUICK, cluster=two_workers.scheduler_address)
    assert result.metrics["roc_auc"] > 0.75
    tags = Registry(home).version("shipments", result.version).tags
    assert tags["grown_on"] == "a Dask cluster of 2 workers"
    assert json.dumps(result.to_json())


def test_a_scheduler_that_does_not_answer_is_named(store, home):
    with pytest.raises(TidewaiterError, match=r"127\.0\.0\.1:1'"):
        train(store, home, "shipments", settings=QUICK, cluster="tcp://127.0.0.1:1")


def test_workers_started_here_leave_standard_output_alone(capfd):
    with connected("local") as grower:
        assert all("127.0.0.1" in worker for worker in grower.workers)
        grower.grow(material(some_examples(400)), QUICK, 2)
    assert capfd.readouterr().out == ""
