import json
from datetime import date

import pandas as pd
import pytest

from features.errors import TidewaiterError
from models.registry import CHAMPION, Registry
from models.settings import FitSettings
from tests.models.synthetic import FEATURES, QUICK
from training.dataset import fingerprint_of_data, labelled
from training.evaluate import evaluate
from training.judged import judged_shipments
from training.promotion import promote
from training.report import Report
from training.split import split
from training.train import train


def learn(store, home, **options):
    return train(store, home, "shipments", settings=QUICK, **options)


def test_figures_are_those_of_the_registered_model_on_the_evaluation_period(world, trained):
    home, result = trained
    model = Registry(home).load("shipments", result.version).model
    data = split(FEATURES, *world)
    assert result.evaluate_from == data.evaluate_from == date(2024, 10, 1)
    report = Report.of(judged_shipments(model, data.evaluation))
    assert result.metrics == report.metrics
    assert result.report.by_offence == report.by_offence
    assert result.metrics["roc_auc"] > 0.75


def test_the_model_knows_nothing_of_the_evaluation_period(trained):
    home, result = trained
    model = Registry(home).load("shipments", result.version).model
    assert pd.Timestamp(model.periods["known_last"]) < pd.Timestamp("2024-10-01", tz="UTC")


def test_one_run_holds_parameters_metrics_pictures_fingerprint_and_hash(world, trained):
    home, result = trained
    client = Registry(home).client
    run = client.get_run(result.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == result.metrics
    params = run.data.params
    assert params["fingerprint"] == FEATURES.fingerprint
    data = split(FEATURES, *world)
    assert params["training_sha256"] == fingerprint_of_data(data.training)
    assert params["evaluate_from"] == "2024-10-01"
    assert params["num_leaves"] == str(QUICK.num_leaves)
    assert int(params["rows"]) == len(data.training)
    plots = {entry.path for entry in client.list_artifacts(result.run_id, "plots")}
    names = ("contributions", "gain", "importance", "precision_by_month", "reliability")
    assert plots == {f"plots/{name}.png" for name in names}
    by_month = next(home.artifact_root.rglob("metrics_by_month.json"))
    assert json.loads(by_month.read_text()) == result.report.by_month
    for picture in home.artifact_root.rglob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_scores(store, world, own_copy):
    home, result = own_copy
    again = learn(store, home)
    assert again.metrics == result.metrics
    first, second = (Registry(home).load("shipments", v).model for v in ("1", "2"))
    pd.testing.assert_frame_equal(
        first.score(world[0]).frame, second.score(world[0]).frame, check_exact=True
    )


def test_a_refit_is_registered_and_its_figures_are_named_as_the_earlier_fits(
    store, world, own_copy
):
    home, result = own_copy
    again = learn(store, home, refit=True)
    assert again.metrics == result.metrics
    assert (again.evaluated_version, again.version) == ("2", "3")
    tags = Registry(home).version("shipments", "3").tags
    assert tags["refit"] == "true"
    assert tags["evaluated_version"] == "2"
    assert "earlier fit" in tags["figures"]
    refitted = Registry(home).load("shipments", "3").model
    assert refitted.counts["rows"] == len(labelled(FEATURES, *world))


def test_a_failed_training_ends_its_run_as_failed(store, home, monkeypatch):
    def broken(*_):
        raise RuntimeError("disk full")

    monkeypatch.setattr("training.record.RunRecord.figures", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        learn(store, home)
    registry = Registry(home)
    (run,) = registry.client.search_runs([registry.experiment("shipments")])
    assert run.info.status == "FAILED"
    assert registry.versions("shipments") == []


def test_a_training_period_without_offences_is_the_users_to_mend(store, home, monkeypatch):
    monkeypatch.setattr(store, "inspections", store.inspections.assign(result="clear"))
    with pytest.raises(TidewaiterError, match="cannot train shipments"):
        learn(store, home)


def test_progress_names_each_stage_and_never_exceeds_the_whole(store, home):
    told = []
    learn(store, home, progress=lambda what, share: told.append((what, share)))
    assert told[0] == ("computing features", 1.0)
    assert ("fitting the overall head", 0.0) in told
    assert all(0 <= share <= 1 for _, share in told)


def test_evaluating_the_champion_gives_the_figures_of_its_training(store, own_copy):
    home, result = own_copy
    promote(store, home, "shipments", result.version)
    figures = evaluate(store, home, "shipments")
    assert figures["version"] == result.version
    assert figures["out_of_sample"] is True
    assert {name: figures[name] for name in result.metrics} == result.metrics


def test_figures_of_records_the_model_was_fitted_on_say_so(store, trained):
    home, result = trained
    day = date(2024, 7, 1)
    figures = evaluate(store, home, "shipments", version=result.version, evaluate_from=day)
    assert figures["out_of_sample"] is False


def test_evaluating_a_day_without_outcomes_is_refused(store, trained):
    home, _ = trained
    with pytest.raises(TidewaiterError, match="2030-01-01"):
        evaluate(store, home, "shipments", version="1", evaluate_from=date(2030, 1, 1))


def test_alias_and_settings_have_the_names_that_others_rely_on():
    assert CHAMPION == "champion"
    assert FitSettings(seed=3).booster_parameters()["seed"] == 3
