"""Metrics: true counts, labels that callers cannot make, one sum over all processes."""

import subprocess
import sys

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as plain_families

from features.records import KINDS
from serving import metrics
from serving.metrics import join_queue, leave_queue
from serving.templates import OTHER, Templates

PATH = "/v1/shipments/score"
OPEN = "application/openmetrics-text; version=1.0.0"


def samples(text, families=plain_families):
    """Read an exposition: (name, labels) to value."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(text)
        for sample in family.samples
    }


@pytest.fixture
def read(client):
    """Give a function that reads the value of a sample, 0 where there is none."""

    def value(name, **labels):
        return samples(client.get("/metrics").text).get((name, frozenset(labels.items())), 0)

    return value


def test_requests_are_counted_and_timed_by_documented_path_and_status(client, read):
    labels = {"method": "GET", "route": "/v1/scores/{score_id}"}
    counted = read("tidewaiter_requests_total", status="404", **labels)
    timed = read("tidewaiter_request_seconds_count", **labels)
    for number in range(3):
        client.get(f"/v1/scores/unknown-{number}")
    assert read("tidewaiter_requests_total", status="404", **labels) == counted + 3
    assert read("tidewaiter_request_seconds_count", **labels) == timed + 3


def test_rejected_records_are_counted_by_kind_and_reason(client, read, declaration):
    labels = {"kind": "declarations", "reason": "missing"}
    before = read("tidewaiter_rejected_records_total", **labels)
    bad = [declaration("A", hs_code=...), declaration("B", importer_id=...), declaration("C")]
    client.post(PATH, json={"records": bad})
    assert read("tidewaiter_rejected_records_total", **labels) == before + 2


def test_stages_are_timed(client, read, declaration):
    before = read("tidewaiter_stage_seconds_count", stage="validate")
    client.post(PATH, json={"records": [declaration()]})
    assert read("tidewaiter_stage_seconds_count", stage="validate") == before + 1


def test_what_was_timed_is_observed_once_the_request_was_answered(client, declaration):
    client.post(PATH, json={"records": [declaration()]})
    client.get("/livez")
    assert not metrics._timed


def test_those_who_wait_for_their_turn_are_a_queue_and_then_a_set(read):
    def readings():
        return (
            read("tidewaiter_queue_depth", queue="turn"),
            read("tidewaiter_stage_seconds_count", stage="wait"),
            read("tidewaiter_sets_total"),
        )

    depth, waited, sets = readings()
    for _ in range(3):
        join_queue()
    assert readings() == (depth + 3, waited, sets)
    leave_queue([0.1, 0.2, 0.3])
    assert readings() == (depth, waited + 3, sets + 1)


def test_no_caller_can_make_a_label(client, address):
    odd = "/v1/records/parcels-of-nobody", "/v1/scores/a/b", "/no-such-path", "/v1//x"
    for path in odd:
        client.post(path)
        httpx.request("ODDMETHOD", address + path, headers={"Authorization": "Bearer nobody"})
    text = client.get("/metrics").text
    for word in ("parcels", "a/b", "no-such", "v1//", "ODDMETHOD", "nobody"):
        assert word not in text
    routes = {dict(labels).get("route") for _, labels in samples(text)} - {None}
    assert routes <= {*client.get("/openapi.json").json()["paths"], OTHER}
    kinds = {dict(labels).get("kind") for _, labels in samples(text)} - {None}
    assert kinds <= set(KINDS)


def test_only_those_who_may_read_metrics_do(address):
    for role, status in (("auditor", 200), ("officer", 403), ("nobody", 401)):
        headers = {"Authorization": f"Bearer {role}"}
        assert httpx.get(f"{address}/metrics", headers=headers).status_code == status


def test_a_template_is_found_for_every_documented_path_alone():
    templates = Templates(["/livez", "/v1/records/{kind}", "/v1/scores/{score_id}"])
    assert templates.of("/v1/records/payments") == "/v1/records/{kind}"
    assert templates.of("/v1/scores/é%\n") == "/v1/scores/{score_id}"
    assert {templates.of(path) for path in ("", "/livez/", "/v1/scores/", "/v1/scores/a/b")} == {
        OTHER
    }


WORKER = """
import sys
from serving.metrics import ADMITTED, count_scores, exposition, stage
count_scores([{"subject": "shipments", "channel": "red", "model_version": "3"}], "served")
with stage("score"):
    pass
ADMITTED.inc()
print(exposition(sys.argv[1])[0].decode(), end="", flush=True)
sys.stdin.read()
"""


def worker(folder, accept):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, accept],
        env={"PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": ":".join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("accept", "families"), [("text/plain", plain_families), (OPEN, open_families)]
)
def test_workers_are_added_up_and_a_killed_one_waits_no_more(tmp_path, accept, families):
    first = worker(tmp_path, accept)
    first.stdout.readline()
    first.kill()
    first.communicate()
    said, _ = worker(tmp_path, accept).communicate()
    found = samples(said, families)
    labels = {"subject": "shipments", "channel": "red", "version": "3", "role": "served"}
    red = frozenset(labels.items())
    assert found["tidewaiter_scores_total", red] == 2
    assert found["tidewaiter_stage_seconds_count", frozenset({("stage", "score")})] == 2
    assert found["tidewaiter_queue_depth", frozenset({("queue", "admitted")})] == 1
