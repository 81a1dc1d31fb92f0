"""Requests are identified and told in the log, and nothing they carried is told with them."""

import asyncio
import io
import json
import logging
import uuid

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from serving.logs import json_formatter
from serving.templates import Templates
from serving.watch import Watch

PATH = "/v1/shipments/score"
SECRET = "NL-PASSPORT-4821"


@pytest.fixture
def lines(client):
    """Give a function that reads what was logged meanwhile, as the service writes it.

    A request is told once its answer has left, and before the next is looked at.
    """
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(json_formatter())
    root, ours = logging.getLogger(), logging.getLogger("serving")
    root.addHandler(handler)
    ours.setLevel(logging.INFO)

    def read():
        client.get("/livez")
        return [json.loads(line) for line in written.getvalue().splitlines()]

    yield read
    ours.setLevel(logging.NOTSET)
    root.removeHandler(handler)


@pytest.fixture
def faulty(desk):
    """Let scoring raise an error while a test runs."""
    yield desk.scoring
    desk.scoring.fault = None


def test_a_callers_uuid_names_its_request(client):
    identifier = str(uuid.uuid4())
    answer = client.get("/readyz", headers={"X-Request-ID": identifier})
    assert answer.headers["x-request-id"] == identifier


@pytest.mark.parametrize("given", [SECRET, "", "1" * 5_000, "{}"])
def test_any_other_name_is_replaced_since_it_may_tell_of_a_person(client, given):
    answer = client.get("/readyz", headers={"X-Request-ID": given})
    assert uuid.UUID(answer.headers["x-request-id"]).version == 4


def test_every_answer_and_problem_names_its_request(client, address, faulty):
    answers = [
        client.post(PATH, json={"records": [{}]}),
        client.get(f"/v1/scores/{SECRET}"),
        client.get("/nowhere"),
        client.put(PATH),
        httpx.get(f"{address}{PATH}"),
        client.post(PATH, content=b"{"),
        client.post(PATH, content=b"x" * 60_000),
    ]
    faulty.fault = ValueError(SECRET)
    answers.append(client.post(PATH, json={"records": [{}]}))
    assert {answer.status_code for answer in answers} == {400, 401, 404, 405, 413, 422, 500}
    named = [answer.headers["x-request-id"] for answer in answers]
    assert [answer.json()["request_id"] for answer in answers] == named
    assert len(set(named)) == len(named)


def test_a_request_is_one_line_with_what_operation_needs(client, lines, declaration):
    answer = client.post(PATH, json={"records": [declaration()]})
    [line] = lines()
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == ("POST", PATH, 200)
    assert (line["key_id"], line["role"]) == ("administrator", "administrator")
    assert line["duration_ms"] > 0
    assert line["timestamp"].endswith("Z")


def test_health_is_told_only_when_it_fails(client, lines, faulty, monkeypatch):
    client.get("/livez")
    client.get("/readyz")
    assert lines() == []
    monkeypatch.setattr(faulty, "champions", [])
    client.get("/readyz")
    assert [(line["route"], line["status"]) for line in lines()] == [("/readyz", 503)]


@pytest.mark.parametrize(
    "fault",
    [
        ValueError(f"could not convert {SECRET}"),
        KeyError(SECRET),
        OperationalError(f"SELECT '{SECRET}'", {"id": SECRET}, OSError(f"lost {SECRET}")),
        ExceptionGroup(SECRET, [ValueError(SECRET)]),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_nothing_a_request_carried_is_in_the_log(client, lines, faulty, declaration, fault):
    faulty.fault = fault
    headers = {"X-Request-ID": SECRET, "User-Agent": SECRET, "Cookie": SECRET}
    records = [declaration(SECRET, importer_id=SECRET, origin_country=SECRET)]
    for act in (
        lambda: client.post(PATH, json={"records": records}, headers=headers),
        lambda: client.get(f"/v1/scores/{SECRET}?{SECRET}", headers=headers),
        lambda: client.get(f"/{SECRET}", headers=headers | {"Authorization": f"Bearer {SECRET}"}),
        lambda: client.request(SECRET, PATH, headers=headers),
    ):
        act()
    told = lines()
    assert SECRET not in json.dumps(told)
    assert type(fault).__name__ in json.dumps([line.get("exception") for line in told])
    assert len({line["request_id"] for line in told}) == 4


def test_an_error_is_told_by_its_type_and_places_with_its_request(client, lines, faulty):
    faulty.fault = ValueError(SECRET)
    answer = client.post(PATH, json={"records": [{}]})
    [failure, request] = lines()
    assert failure["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert failure["exception"][0]["type"] == "ValueError"
    assert failure["exception"][0]["frames"][-1].endswith(" score")
    assert request["status"] == 500


def test_what_libraries_quote_below_their_first_line_is_left_out(lines):
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: %s", SECRET)
    [line] = lines()
    assert line["event"] == "Task exception was never retrieved"


@pytest.mark.parametrize("said", ["\ud800", 1 << 70])
def test_what_a_line_cannot_hold_as_it_is_does_not_lose_the_line(lines, said):
    logging.getLogger("serving.watch").warning("odd", extra={"said": said})
    assert [line["said"] for line in lines() if line["event"] == "odd"] == [said]


def test_a_request_is_told_once_when_all_of_its_answer_has_left():
    happened = []
    body = {"type": "http.response.body", "body": b""}

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send(body | {"more_body": True})
        await send(body)

    async def send(message):
        happened.append(message.get("more_body", message["type"] == "http.response.start"))

    watch = Watch(app, Templates)
    watch._tell = lambda *_: happened.append("told")
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(watch(scope, None, send))
    assert happened == [True, True, False, "told"]
