"""More work than there is room for is told when to come again; what was begun is finished."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from serving.app import Desk, create_app
from serving.requests import Limits

PATH = "/v1/shipments/score"
HEADERS = {"Authorization": "Bearer administrator"}


class Slow:
    """Scores as another does, but not before it is let."""

    def __init__(self, scoring):
        self.scoring, self.begun, self.let = scoring, threading.Semaphore(0), threading.Event()
        self.done = 0

    def score(self, *asked):
        self.begun.release()
        assert self.let.wait(30)
        answer = self.scoring.score(*asked)
        self.done += 1
        return answer

    def ready(self):
        return self.scoring.ready()


@pytest.fixture
def slow(desk):
    scoring = Slow(desk.scoring)
    yield scoring
    scoring.let.set()


@pytest.fixture
def serve(desk, slow, serving_app):
    """Serve slow scores under some limits."""

    def begin(**limits):
        return serving_app(
            create_app(Desk(slow, desk.intake, desk.access, desk.clock, Limits(**limits)))
        )

    return begin


def ask(url, *rows):
    return httpx.post(url + PATH, json={"records": list(rows)}, headers=HEADERS, timeout=30)


def test_a_request_too_many_is_told_when_to_come_again(serve, slow, declaration):
    with serve(at_once=2) as url, ThreadPoolExecutor() as callers:
        admitted = [callers.submit(ask, url, declaration(str(number))) for number in range(2)]
        for _ in admitted:
            assert slow.begun.acquire(timeout=30)
        refused = ask(url, declaration("refused"))
        health = httpx.get(f"{url}/livez")
        depth = httpx.get(f"{url}/metrics", headers=HEADERS).text
        slow.let.set()
        assert [one.result().status_code for one in admitted] == [200, 200]
        assert ask(url, declaration("refused")).status_code == 200
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1
    assert "expected fewer than 2 requests at once" in refused.json()["detail"]
    assert health.status_code == 200
    assert 'tidewaiter_queue_depth{queue="admitted"} 2.0' in depth


def test_callers_without_a_key_take_places_too(desk, serving_app, declaration):
    inside, let = threading.Event(), threading.Event()

    class SlowKeys:
        def check(self, key):
            inside.set()
            let.wait(30)
            return desk.access.check(key)

    limited = Desk(desk.scoring, desk.intake, SlowKeys(), desk.clock, Limits(at_once=1))
    with serving_app(create_app(limited)) as url, ThreadPoolExecutor() as callers:
        stranger = callers.submit(httpx.get, url + PATH, headers={"Authorization": "Bearer no"})
        assert inside.wait(30)
        assert ask(url, declaration()).status_code == 503
        let.set()
        assert stranger.result().status_code == 401


def test_what_takes_too_long_is_told_so_yet_finished_and_keeps_its_place(serve, slow, declaration):
    with serve(at_once=1, seconds=0.3) as url:
        late = ask(url, declaration("late"))
        assert (late.status_code, slow.done) == (503, 0)
        assert int(late.headers["retry-after"]) >= 1
        assert "within 0.3 s" in late.json()["detail"]
        assert "at once" in ask(url, declaration("next")).json()["detail"]
        slow.let.set()
        while slow.done == 0:
            time.sleep(0.01)
        assert ask(url, declaration("late")).status_code == 200


def test_a_body_that_does_not_arrive_is_not_waited_for(serve):
    with serve(body_seconds=0.3) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as caller:
            caller.sendall(
                f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer administrator\r\n"
                "Content-Length: 10\r\n\r\n{".encode()
            )
            caller.settimeout(30)
            said = caller.recv(10_000)
    assert said.startswith(b"HTTP/1.1 408 ")


def test_a_caller_who_leaves_frees_the_place(serve, slow, declaration):
    slow.let.set()
    with serve(at_once=1) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as caller:
            caller.sendall(
                f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer administrator\r\n"
                "Content-Length: 10\r\n\r\n{".encode()
            )
            while ask(url, declaration()).status_code != 503:
                pass
        deadline = time.monotonic() + 30
        while ask(url, declaration()).status_code == 503:
            assert time.monotonic() < deadline
