"""The figures promised on real declarations, by the commands an agency would type."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from features.batch import feature_table
from features.catalog import feature_set
from features.home import Home
from features.online import LiveFeatures
from features.store import Store
from models.registry import Registry
from tests.features.tables import assert_same_features
from tests.tidewaiter.commands import CommandLine

LABELS = ["Fraud", "Critical Fraud"]
ACCEPTED = {"declarations_2020.csv": 37385, "declarations_2021q1.csv": 8134}
SAMPLE = 200

pytestmark = [pytest.mark.real_data, pytest.mark.xdist_group("korean_release")]


@pytest.fixture(scope="module")
def run(korean_release, tmp_path_factory):
    """The command line on a home of this module's own."""
    return CommandLine(tmp_path_factory.mktemp("korea") / "home")


@pytest.fixture(scope="module")
def loaded(run, korean_release):
    return run("load", *korean_release, "--format", "kcs")


@pytest.fixture(scope="module")
def trained(run, loaded):
    """What training printed; the version it registered is champion."""
    figures = json.loads(run("train", "shipments", "--json").stdout)
    run("promote", "shipments", figures["version"])
    return figures


@pytest.fixture(scope="module")
def unlabelled(korean_release, tmp_path_factory):
    """A copy of the quarter without the columns that say what was found."""
    path = tmp_path_factory.mktemp("quarter") / "declarations.csv"
    pd.read_csv(korean_release[1], dtype=str).drop(columns=LABELS).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def scored(run, trained, unlabelled):
    """Scores and contributions of the quarter, as the command wrote them."""
    scores, shap = unlabelled.with_name("scores.csv"), unlabelled.with_name("shap.parquet")
    options = ("--format", "kcs", "-o", scores, "--contributions", shap)
    run("score", "shipments", unlabelled, *options)
    return pd.read_csv(scores, dtype={"id": str}), pd.read_parquet(shap)


def test_every_declaration_of_both_files_is_accepted(loaded):
    for name, count in ACCEPTED.items():
        assert (
            f"{name}: declarations: {count} accepted ({count} new, 0 amended, 0 unchanged),"
            " 0 rejected" in loaded.stdout
        )
    assert sum(ACCEPTED.values()) == 45_519


def test_the_model_ranks_the_next_quarter_as_promised(trained):
    assert trained["evaluate_from"] == "2021-01-01"
    assert trained["shipments"] == ACCEPTED["declarations_2021q1.csv"]
    assert 0.90 <= trained["precision_at_5pct"] <= trained["precision_at_5pct_attainable"]
    assert 0.80 <= trained["precision_at_10pct"] <= trained["precision_at_10pct_attainable"]


def test_every_declaration_gets_one_row_with_the_columns_of_the_design(scored, unlabelled, trained):
    scores, _ = scored
    head = ["id", "item_number", "risk", "channel"]
    tail = ["reasons", "model_version", "novel", "novelty"]
    offences = list(scores.columns[len(head) : -len(tail)])
    assert list(scores.columns) == [*head, *offences, *tail]
    assert {"risk_fraud", "risk_critical"} <= set(offences)
    assert all(name.startswith("risk_") for name in offences)
    asked = pd.read_csv(unlabelled, dtype=str)["Declaration ID"]
    assert scores["id"].tolist() == asked.tolist()
    assert set(scores["item_number"]) == {1}
    assert set(scores["channel"]) <= {"red", "yellow", "green"}
    assert set(scores["model_version"].astype(str)) == {trained["version"]}


def test_contributions_and_base_value_sum_to_the_log_odds_of_the_risk(scored):
    scores, shap = scored
    names = list(feature_set("shipments").names)
    assert list(shap.columns) == ["id", "item_number", *names, "base_value", "log_odds"]
    assert shap["id"].tolist() == scores["id"].tolist()
    total = shap[names].sum(axis=1) + shap["base_value"]
    np.testing.assert_allclose(total, shap["log_odds"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(expit(shap["log_odds"]), scores["risk"], rtol=0, atol=1e-6)
    assert shap["log_odds"].nunique() > len(shap) / 2


def test_reasons_are_the_strongest_contributions_in_words(run, scored):
    scores, shap = scored
    values = shap[list(feature_set("shipments").names)]
    groups = Registry(Home(run.home)).champion("shipments").model.reasoning.groups
    for row in range(0, len(scores), 97):
        reasons = json.loads(scores["reasons"][row])
        sums = [abs(values.loc[row, list(names)].sum()) for names in groups]
        sizes = [abs(reason["contribution"]) for reason in reasons]
        assert sizes == pytest.approx(sorted(sums, reverse=True)[:5], abs=1e-9)
        told = [part for reason in reasons for part in reason["features"]]
        own = {part["feature"]: part["contribution"] for part in told}
        assert own == pytest.approx(values.loc[row, list(own)].to_dict(), abs=1e-9)
        for reason in reasons:
            parts = sum(part["contribution"] for part in reason["features"])
            assert reason["contribution"] == pytest.approx(parts, abs=1e-9)
        assert all(reason["text"] and reason["feature"] in values for reason in reasons)


def test_few_declarations_of_the_quarter_are_novel(scored):
    scores, _ = scored
    assert 0 < scores["novel"].mean() < 0.1
    for novelty in map(json.loads, scores.loc[scores["novel"], "novelty"].head(5)):
        assert novelty["surprisal"] > novelty["threshold"]
        assert novelty["text"].startswith("Unlike the records")


def test_scores_without_labels_rank_the_offences_first(scored, korean_release):
    scores, _ = scored
    found = pd.read_csv(korean_release[1], dtype={"Declaration ID": str})
    offence = found.set_index("Declaration ID")["Fraud"].reindex(scores["id"]).to_numpy()
    top = np.argsort(-scores["risk"].to_numpy(), kind="stable")[: len(scores) // 20]
    assert offence[top].mean() >= 0.90


def test_scoring_stores_nothing(scored, run):
    with Store.open(Home(run.home)) as store:
        assert len(store.read("declarations")) == sum(ACCEPTED.values())


def test_live_features_of_a_sample_equal_those_of_history(loaded, run):
    with Store.open(Home(run.home)) as store:
        records = store.read("declarations").sample(SAMPLE, random_state=0)
        live = LiveFeatures(store, "shipments").table(records)
        assert_same_features(live, feature_table(store, "shipments", records))
    assert live["importer__declarations__365d"].max() > 10
