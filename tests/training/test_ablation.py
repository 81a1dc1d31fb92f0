import json
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score
from typer.testing import CliRunner

from features.store import Store
from models.registry import Registry
from tests.models.synthetic import QUICK, a_feature, a_feature_set, some_examples
from training import ablate, ablation, cli
from training.keeping import Ground, Keeper
from training.report import Report

FAMILIES = ("mass", "gap", "noise")


def part(_subject, among=FAMILIES):
    return a_feature_set(*(a_feature(name) for name in among))


@pytest.fixture(scope="module", autouse=True)
def catalogue():
    """A catalogue whose second family tells offences, and whose others do not."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (ablation, ablate):
            patch.setattr(module, "feature_set", part)
        patch.setattr(ablation, "families", lambda _subject: FAMILIES)
        yield


@pytest.fixture(scope="module")
def cut():
    examples = some_examples(6000, seed=3)
    moment = pd.Timestamp("2024-10-01", tz="UTC")
    return examples.known_before(moment), examples.since(moment)


@pytest.fixture(scope="module")
def steps(cut, catalogue):
    return ablation.ablation("shipments", cut[0], {"later": cut[1]}, QUICK)


def test_families_are_added_one_after_another(steps):
    assert [step.families for step in steps] == [FAMILIES[:1], FAMILIES[:2], FAMILIES]


def test_a_family_that_tells_is_told_from_one_that_adds_nothing(steps):
    own, telling, noise = ablation.step_rows(steps, "later")
    assert "gain" not in own
    assert telling["gain"] > 0.1
    assert not telling["adds_nothing_shown"]
    assert noise["adds_nothing_shown"]


def test_a_row_holds_precision_and_average_precision_by_offence(steps):
    row = ablation.step_rows(steps, "later")[1]
    report = Report.of(steps[1].ranked["later"])
    assert row["precision_at_1pct"] == report.metrics["precision_at_1pct"]
    by_offence = {name: row[f"average_precision_{name}"] for name in ("drugs", "fraud")}
    assert by_offence == {
        name: report.by_offence[name]["average_precision"] for name in ("drugs", "fraud")
    }


def test_a_gain_is_the_difference_of_average_precisions_of_the_same_shipments():
    random = np.random.default_rng(0)
    found = random.random(400) < 0.2
    ids = [f"D{number}" for number in range(400)]
    before, after = (
        pd.DataFrame({"id": ids, "outcome": found, "log_odds": random.normal(shift * found)})
        for shift in (0.0, 2.0)
    )
    gain = ablation.average_precision_gain(before, after.iloc[::-1], random)
    scores = [average_precision_score(found, each["log_odds"]) for each in (before, after)]
    assert gain.gain == pytest.approx(scores[1] - scores[0])
    assert gain.low < gain.gain < gain.high
    assert not ablation.average_precision_gain(before, before, random).is_real


def test_the_command_says_what_each_family_adds_and_records_it(store, home, monkeypatch, cut):
    table, inspections = pd.concat([side.table for side in cut]), store.inspections
    monkeypatch.setattr(ablate, "feature_table", lambda *_, **__: table)
    monkeypatch.setattr(store, "close", lambda: None, raising=False)
    monkeypatch.setattr(Store, "open", lambda _home: store)
    monkeypatch.setattr("models.FitSettings", lambda **_: QUICK)
    monkeypatch.setattr(store, "inspections", labelled(cut, inspections))
    found = CliRunner().invoke(cli.app, ["ablate", "shipments", "--json", "--home", str(home.path)])
    assert found.exception is None, found.output
    result = json.loads(found.stdout)
    assert [row["families"] for row in result["inspected"]] == [
        "mass",
        "mass+gap",
        "mass+gap+noise",
    ]
    registry = Registry(home)
    experiment = registry.experiment("shipments")
    (run,) = registry.client.search_runs([experiment])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["precision_at_5pct/inspected/gap"] == pytest.approx(
        result["inspected"][1]["precision_at_5pct"]
    )
    assert run.data.metrics["adds_nothing_shown/inspected/noise"] == 1
    ground = Ground(**{one.name: run.data.params[one.name] for one in fields(Ground)})
    assert ground.fingerprint == part("shipments").fingerprint
    assert Keeper(registry, "shipments").ablation(ground) == result


def labelled(cut, like):
    """Give the inspections of the examples, in the columns of others."""
    parts = [side.table[["declaration_id", "item_number", "known_at"]] for side in cut]
    rows = pd.concat(parts).reset_index(drop=True)
    outcome = np.concatenate([side.outcome() for side in cut])
    return pd.DataFrame(
        {
            "inspection_id": [f"I{number}" for number in range(len(rows))],
            "subject": "shipments",
            "subject_id": rows["declaration_id"],
            "item_number": rows["item_number"].astype("Int64"),
            "known_at": rows["known_at"] + pd.Timedelta(days=10),
            "result": np.where(outcome, "offence", "clear"),
            "control_type": "physical",
            "offence": pd.Series("drugs", index=rows.index, dtype="str").where(outcome),
            "selection_reason": pd.Series("rule", index=rows.index, dtype="str"),
            "selection_probability": 1.0,
            "revenue_recovered": np.nan,
        }
    )[[name for name in like.columns if name != "seized_quantity"]]
