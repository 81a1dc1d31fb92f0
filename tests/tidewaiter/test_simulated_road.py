"""What `quickstart` leaves behind is used by the other commands, and across a kill -9."""

import json
import signal
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pandas as pd
import psutil
import pytest
from scipy.special import expit

from features.catalog import RECORDS
from features.home import Home
from models.registry import Registry
from tests.processes import family, free_port, started, stop, wait_until
from tests.tidewaiter.commands import CommandLine, in_another_process
from tests.tidewaiter.job import main_job

PATH = "/v1/shipments/score"
READY_SECONDS = 120
# A field, the JSON it is sent as, and how the answer names what came.
BAD = {
    "bad-country": ("origin_country", '"XQ"', "XQ"),
    "nan-mass": ("net_mass_kg", "NaN", "NaN"),
    "infinite-value": ("customs_value", "Infinity", "Infinity"),
    "minus-infinite-value": ("customs_value", "-Infinity", "-Infinity"),
    "impossible-date": ("occurred_at", '"2026-02-30"', "2026-02-30"),
    "no-importer": ("importer_id", "null", None),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The command line on the home that `quickstart` simulated, loaded, trained and promoted."""
    return CommandLine(main_job(tmp_path_factory).home)


@pytest.fixture(scope="module")
def world(run):
    """A folder of simulated records."""
    return run.home / "simulated"


@pytest.fixture(scope="module")
def champions(run):
    """The version in service of each subject, and the run of its training."""
    registry = Registry(Home(run.home))
    versions = {subject: registry.champion(subject).version for subject in RECORDS}
    return {s: registry.client.get_run(registry.version(s, v).run_id) for s, v in versions.items()}


@pytest.fixture(scope="module")
def key(run):
    return run("keys", "create", "--role", "administrator").stdout


@pytest.fixture(scope="module")
def body(world):
    """A request: the last three declarations under new numbers, each bad record between them."""
    declared = pd.read_parquet(world / "declarations.parquet")
    latest = declared[declared["declaration_id"].isin(declared["declaration_id"].unique()[-3:])]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    plain = latest.drop(columns="known_at").assign(occurred_at=now)
    rows = json.loads(plain.to_json(orient="records"))
    texts = [json.dumps(row | {"declaration_id": f"new-{row['declaration_id']}"}) for row in rows]
    for name, (field, text, _) in BAD.items():
        sent = rows[0] | {"declaration_id": name, "item_number": 1, field: "@"}
        texts.insert(1, json.dumps(sent).replace('"@"', text))
    return f'{{"records": [{", ".join(texts)}]}}'


@pytest.fixture(scope="module")
def serving(run):
    """Give a context manager that runs `tidewaiter serve` on a port until it is ready."""

    @contextmanager
    def serve(port):
        url = f"http://127.0.0.1:{port}"
        command = run.words("serve", "--port", port)
        with started(command, run.home.parent, run.environment) as process:
            log = run.home.parent / "err"
            wait_until(lambda: is_ready(url), process, READY_SECONDS, log)
            yield url, process

    return serve


def is_ready(url):
    try:
        return httpx.get(f"{url}/readyz", timeout=60).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def answers(serving, body, key):
    """The same request to the service, to it after a kill -9 of its first process, and the rest."""

    headers = {"Authorization": f"Bearer {key.strip()}"}

    def ask(url):
        return httpx.post(url + PATH, content=body, headers=headers, timeout=60)

    port = free_port()
    with serving(port) as (url, process):
        before = ask(url)
        everyone = family(process)
        process.kill()
        _, outlived = psutil.wait_procs(everyone, timeout=30)
    assert not outlived
    with serving(port) as (url, process):
        after = ask(url)
        score_id = after.json()["scores"][0]["score_id"]
        kept = httpx.get(f"{url}/v1/scores/{score_id}", headers=headers, timeout=60)
        outlived = stop(process, signal.SIGINT)
    return before, after, kept, outlived


def test_a_key_is_printed_and_nothing_else(key):
    assert len(key.splitlines()) == 1
    assert key.startswith("tw_")
    assert key.strip().isascii()
    assert " " not in key


def test_the_same_seed_and_end_give_the_same_bytes(run, tmp_path):
    once, again = tmp_path / "once", tmp_path / "again"
    run("simulate", once, "--days", 21, "--end", "2026-03-01", "--scale", 0.1)
    # Another process hashes strings otherwise.
    other = CommandLine(run.home, run=in_another_process)
    other("simulate", again, "--days", 21, "--end", "2026-03-01", "--scale", 0.1)
    files = sorted(path.relative_to(once) for path in once.rglob("*.parquet"))
    assert any(path.parts[0] == "truth" for path in files)
    assert sorted(path.relative_to(again) for path in again.rglob("*.parquet")) == files
    assert all((again / path).read_bytes() == (once / path).read_bytes() for path in files)


@pytest.mark.parametrize("subject", RECORDS)
def test_evaluation_of_the_champion_repeats_the_figures_of_its_training(run, champions, subject):
    trained = champions[subject].data
    since = trained.params["evaluate_from"]
    figures = json.loads(run("evaluate", subject, "--evaluate-from", since, "--json").stdout)
    assert figures["subject"] == subject
    assert figures["out_of_sample"] is True
    first = trained.metrics
    told = [name for name in first if "_at_" in name or name in {"roc_auc", "average_precision"}]
    assert len(told) > 10
    assert {n: figures[n] for n in told} == pytest.approx({n: first[n] for n in told})


def test_a_file_of_crossings_is_scored_and_every_contribution_told(run, world, tmp_path):
    crossings = pd.read_parquet(world / "crossings.parquet").tail(50)
    bad = crossings.head(1).assign(crossing_id="bad", direction="north")
    gone = crossings.head(1).assign(crossing_id="gone", cancelled=True)
    given, told, shap = (tmp_path / name for name in ("in.parquet", "out.csv", "shap.parquet"))
    sent = crossings.assign(crossing_id="new-" + crossings["crossing_id"], cancelled=False)
    pd.concat([sent, bad.assign(cancelled=False), gone]).to_parquet(given)
    arguments = ("score", "crossings", given, "-o", told, "--contributions", shap)
    assert "direction" in run(*arguments, "--language", "nl", status=1).stderr
    scores, contributions = pd.read_csv(told), pd.read_parquet(shap)
    assert scores["id"].tolist() == sent["crossing_id"].tolist() == contributions["id"].tolist()
    assert list(scores)[:4] == ["id", "item_number", "risk", "channel"]
    assert list(scores)[-4:] == ["reasons", "model_version", "novel", "novelty"]
    assert scores["item_number"].isna().all()
    assert contributions["item_number"].isna().all()
    parts = contributions.drop(columns=["id", "item_number", "log_odds"])
    assert parts.sum(axis=1).tolist() == pytest.approx(contributions["log_odds"].tolist(), abs=1e-6)
    assert scores["risk"].tolist() == pytest.approx(expit(contributions["log_odds"]).tolist())
    texts = [json.loads(reasons)[0]["text"] for reasons in scores["reasons"]]
    assert all(text.endswith("het risico.") for text in texts)


@pytest.mark.parametrize("subject", RECORDS)
def test_features_are_written_and_those_of_one_record_printed(run, subject, tmp_path):
    whole = tmp_path / "whole.parquet"
    run("features", subject, "-o", whole, "--memory", "1GB")
    refused = run("features", subject, "-o", whole, "--memory", "1GB", "--online", status=1).stderr
    assert "--memory is for tables that DuckDB writes" in refused
    table = pd.read_parquet(whole)
    printed = run("features", subject, "--id", table.iloc[-1, 0]).stdout
    assert table.iloc[-1, 0] in printed
    assert ", item" in printed or subject == "crossings"
    assert table.columns[-1] in printed


def test_bad_records_fail_alone_by_name_and_the_others_are_scored(answers, body):
    answer, *_ = answers
    assert answer.status_code == 200
    errors = {error["id"]: error for error in answer.json()["errors"]}
    assert set(errors) == set(BAD)
    for name, (field, _, value) in BAD.items():
        assert (errors[name]["field"], errors[name]["value"]) == (field, value)
        assert errors[name]["code"]
        assert errors[name]["detail"]
    asked = dict.fromkeys(row["declaration_id"] for row in json.loads(body)["records"])
    assert [s["id"] for s in answer.json()["scores"]] == [one for one in asked if one not in BAD]


def test_reasons_other_and_base_sum_to_the_log_odds(answers):
    for score in answers[0].json()["scores"]:
        parts = [reason["contribution"] for reason in score["reasons"]]
        total = sum(parts) + score["other_contribution"] + score["base_value"]
        assert total == pytest.approx(score["log_odds"], abs=1e-6)
        assert all(reason["text"] for reason in score["reasons"])


def test_killed_and_started_again_the_service_repeats_every_number(answers):
    before, after, kept, _ = answers
    assert len(before.json()["scores"]) == 3
    assert after.json() == before.json()
    assert kept.json() == before.json()["scores"][0]


def test_an_interrupted_service_leaves_no_process_behind(answers):
    assert answers[-1] == []
