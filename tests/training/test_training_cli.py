import json

import pytest
from typer.testing import CliRunner

from features.store import Store
from models.registry import Registry
from tests.models.synthetic import QUICK
from training import train as train_module
from training.cli import app


@pytest.fixture
def run(store, home, monkeypatch):
    monkeypatch.setattr(Store, "open", lambda _home: store)
    monkeypatch.setattr(train_module, "FitSettings", lambda: QUICK)

    def run(*arguments):
        found = CliRunner().invoke(app, [*arguments, "--home", str(home.path)])
        assert found.exception is None, found.exception
        return found

    return run


def test_json_is_one_object_and_nothing_else_on_stdout(run):
    found = run("train", "shipments", "--json")
    figures = json.loads(found.stdout)
    assert figures["version"] == "1"
    assert figures["evaluate_from"] == "2024-10-01"
    assert 0 < figures["precision_at_5pct"] <= figures["precision_at_5pct_attainable"] <= 1
    assert set(figures["by_offence"]) == {"drugs", "fraud"}


def test_a_person_reads_a_table_with_attainable_maxima(run):
    found = run("train", "shipments", "--evaluate-from", "2024-11-01")
    assert "2024-11-01" in found.stdout
    assert "attainable" in found.stdout
    assert "5 %" in found.stdout


def test_promoted_version_is_the_one_evaluated(run):
    run("train", "shipments", "--json")
    run("train", "shipments", "--json", "--refit")
    assert "champion" in run("promote", "shipments", "2").stdout
    figures = json.loads(run("evaluate", "shipments", "--json").stdout)
    assert figures["version"] == "2"
    flattered = run("evaluate", "shipments", "--json", "--version", "3")
    assert json.loads(flattered.stdout)["out_of_sample"] is False
    assert "flatter" in flattered.stderr


def test_a_refusal_says_why_and_an_override_is_recorded(run, home, store):
    arguments = ("train", "shipments", "--json", "--evaluate-from", "2024-12-25")
    run(*arguments)
    refused = CliRunner().invoke(app, ["promote", "shipments", "1", "--home", str(home.path)])
    assert refused.exit_code == 1
    assert "FAILED  enough evidence" in str(refused.exception)
    assert "--override" in str(refused.exception)
    found = run("promote", "shipments", "1", "--override", "a trial")
    assert "Override: a trial" in found.stderr
    assert Registry(home).version("shipments", "1").tags["promotion_override"] == "a trial"


def test_simulate_writes_a_world_and_counts_its_rows(tmp_path):
    arguments = ["simulate", str(tmp_path / "world"), "--days", "7", "--end", "2024-05-01"]
    found = CliRunner().invoke(app, [*arguments, "--scale", "0.05"])
    assert found.exit_code == 0, found.output
    assert "declarations" in found.stdout
    assert (tmp_path / "world" / "declarations.parquet").is_file()


def test_simulating_no_days_is_refused(tmp_path):
    found = CliRunner().invoke(app, ["simulate", str(tmp_path), "--days", "0"])
    assert "expected at least 1, got 0" in str(found.exception)
