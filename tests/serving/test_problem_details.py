"""Every error of the API is problem details (RFC 9457), and says what was expected."""

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

SCORE = "/v1/shipments/score"


def is_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["type"] == "about:blank"
    assert told["title"]
    assert told["detail"]
    return told


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"records": [}', b"\xff\xfe", b"[" * 40_000, b"nonsense"]
)
def test_a_body_that_is_no_json_is_a_bad_request(client, body):
    is_problem(client.post(SCORE, content=body), 400)


@pytest.mark.parametrize(
    "body", [b"[]", b"3", b"null", b"{}", b'{"records": 3}', b'{"records": []}']
)
def test_a_body_of_another_shape_is_told_the_shape(client, body):
    told = is_problem(client.post(SCORE, content=body), 422)
    assert "expected" in told["detail"]


def test_too_many_records_are_told_the_limit(client, desk):
    body = b'{"records": [' + b"{}," * desk.limits.records + b"{}]}"
    told = is_problem(client.post(SCORE, content=body), 413)
    assert f"at most {desk.limits.records} records" in told["detail"]


def test_a_body_too_long_is_told_the_limit_announced_or_not(client, desk):
    long = b"x" * (desk.limits.body_bytes + 1)
    told = is_problem(client.post(SCORE, content=long), 413)
    assert str(desk.limits.body_bytes) in told["detail"]
    is_problem(client.post(SCORE, content=iter([long[:30_000], long[30_000:]])), 413)


def test_no_body_is_longer_than_its_limit_by_accident(client, desk):
    exact = b" " * (desk.limits.body_bytes - 2) + b"{}"
    is_problem(client.post(SCORE, content=exact), 422)


@pytest.mark.parametrize("path", [SCORE, "/v1/scores/x", "/openapi.json", "/nowhere", "/", "/docs"])
@pytest.mark.parametrize("key", [None, "Bearer", "Bearer wrong", "Basic YTpi", "administrator"])
def test_without_a_good_key_nothing_is_told(address, path, key):
    headers = {} if key is None else {"Authorization": key}
    answer = httpx.get(address + path, headers=headers)
    is_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_without_the_permission_is_forbidden(address, declaration):
    headers = {"Authorization": "Bearer auditor"}
    body = {"records": [declaration()]}
    told = is_problem(httpx.post(address + SCORE, json=body, headers=headers), 403)
    assert "auditor" in told["detail"]
    is_problem(httpx.post(address + "/v1/records/declarations", json=body, headers=headers), 403)
    headers = {"Authorization": "Bearer partner"}
    is_problem(httpx.get(address + "/v1/scores/x", headers=headers), 403)


@pytest.mark.parametrize("path", ["/nowhere", "/v1/scores/absent", "/v1/shipments/score/"])
def test_what_is_not_there_is_not_found(client, path):
    is_problem(client.get(path), 404)


def test_a_method_that_is_not_offered_is_named(client):
    answer = client.get(SCORE)
    is_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_an_error_of_ours_tells_nothing_of_the_inside(client, desk, declaration):
    desk.scoring.fault = ValueError("a secret")
    try:
        told = is_problem(client.post(SCORE, json={"records": [declaration()]}), 500)
    finally:
        desk.scoring.fault = None
    assert "secret" not in str(told)


@pytest.mark.parametrize(
    "fault",
    [OperationalError("SELECT 1", {}, Exception("locked")), NoConnection("all four are in use")],
)
def test_a_store_that_does_not_answer_is_told_with_when_to_ask_again(
    client, desk, declaration, fault
):
    desk.scoring.fault = fault
    try:
        answer = client.post(SCORE, json={"records": [declaration()]})
    finally:
        desk.scoring.fault = None
    is_problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


def test_without_a_champion_nothing_is_scored_and_nothing_ready_but_all_alive(
    address, client, desk, declaration
):
    champions, desk.scoring.champions = desk.scoring.champions, []
    try:
        is_problem(client.post(SCORE, json={"records": [declaration()]}), 503)
        is_problem(httpx.get(address + "/readyz"), 503)
        assert httpx.get(address + "/livez").status_code == 200
    finally:
        desk.scoring.champions = champions
    assert httpx.get(address + "/readyz").status_code == 200
