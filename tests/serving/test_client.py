"""The client, over real sockets: typed answers, and calls sent again that change nothing twice."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
import uvicorn

from features.home import Home
from features.store import Store
from serving.app import Desk, create_app
from serving.intake import StoreIntake
from tests.processes import free_port
from tidewaiter import Client, ServiceError

EARLIER = datetime(2026, 3, 1, tzinfo=UTC)
KEY = "administrator"


@pytest.fixture
def service(address):
    with Client(address, KEY) as opened:
        yield opened


class Unwilling:
    """An application that answers as told for its first calls, and counts every call."""

    def __init__(self, app, *first):
        self.app, self.first, self.calls = app, list(first), 0

    async def __call__(self, scope, receive, send):
        self.calls += 1
        if self.first:
            await self.first.pop(0)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def saying(status, **headers):
    """Answer with a status, having done nothing."""

    async def answer(scope, receive, send):
        said = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": b"not now"})

    return answer


def losing_the_answer_of(app):
    """Do the work, then say 503 all the same."""

    async def answer(scope, receive, send):
        async def ignore(message):
            pass

        await app(scope, receive, ignore)
        await saying(503, retry_after="0")(scope, receive, send)

    return answer


async def hanging_up(scope, receive, send):
    raise OSError("the service was killed in the middle of a call")


def test_scores_are_typed_and_read_again(service, declaration):
    answer = service.score([declaration("A"), declaration("B", origin_country="XQ")])
    [score], [error] = answer.scores, answer.errors
    assert (score.id, score.reasons[0].text) == ("A", "It is new.")
    assert (error.index, error.field) == (1, "origin_country")
    assert service.read_score(score.score_id) == score


def test_where_no_record_is_good_the_errors_are_the_answer(service, declaration):
    bad = [declaration("A", origin_country="XQ")]
    assert service.score(bad).scores == []
    assert service.take_in("declarations", bad).accepted == 0
    assert service.score(bad).errors == service.take_in("declarations", bad).errors != []


def test_facts_are_taken_in(service, declaration):
    taken = service.take_in("declarations", [declaration("A"), declaration("B")])
    assert (taken.accepted, taken.errors) == (2, [])


@pytest.mark.parametrize("language", ["en", "nl"])
def test_sentences_are_asked_for_in_the_language_named(desk, declaration, serving_app, language):
    app, heard = create_app(desk), []

    async def listening(scope, receive, send):
        heard.append(dict(scope["headers"])[b"accept-language"].decode())
        await app(scope, receive, send)

    with serving_app(listening) as url, Client(url, KEY, language=language) as opened:
        opened.score([declaration("A")])
    assert heard == [language]


def test_instants_may_be_objects(service, declaration):
    row = declaration("A", occurred_at=datetime(2026, 3, 2, 9, 15, tzinfo=UTC))
    assert service.score([row]).errors == []


@pytest.mark.parametrize(
    ("act", "status"),
    [
        (lambda service: service.read_score("../../livez"), 404),
        (lambda service: service.take_in("parcels", [{}]), 404),
        (lambda service: service.score([]), 422),
        (lambda service: service.score([{}] * 21), 413),
    ],
)
def test_a_refusal_says_its_status_and_what_was_expected(service, act, status):
    with pytest.raises(ServiceError, match="expected") as refusal:
        act(service)
    assert refusal.value.status == status


def test_another_key_is_refused(address):
    with Client(address, "tw_unknown") as stranger, pytest.raises(ServiceError) as refusal:
        stranger.score([{}])
    assert refusal.value.status == 401


@pytest.mark.parametrize("status", [429, 503])
def test_a_call_is_sent_again_when_the_service_says_when(desk, declaration, serving_app, status):
    app = Unwilling(create_app(desk), saying(status, retry_after="1"), saying(status))
    started = time.monotonic()
    with serving_app(app) as url, Client(url, KEY) as service:
        assert service.score([declaration("A")]).scores
    assert app.calls == 3
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("first", [saying(500), saying(502), saying(504), hanging_up])
def test_a_call_that_may_have_been_begun_is_not_sent_again(desk, declaration, serving_app, first):
    app = Unwilling(create_app(desk), first)
    with serving_app(app) as url, Client(url, KEY) as service, pytest.raises(ServiceError):
        service.take_in("declarations", [declaration("A")])
    assert app.calls == 1


def test_it_gives_up_after_its_retries(desk, serving_app):
    app = Unwilling(create_app(desk), *[saying(503, retry_after="0")] * 9)
    with (
        serving_app(app) as url,
        Client(url, KEY, retries=2) as service,
        pytest.raises(ServiceError) as refusal,
    ):
        service.read_score("x")
    assert (app.calls, refusal.value.status) == (3, 503)


@pytest.fixture
def forgetful(desk, serving_app, tmp_path):
    """A client of a service that keeps records and whose first answer is lost, and both."""
    home = Home(tmp_path / "home").prepare()
    with Store.open(home) as store:
        intake = StoreIntake(store, home.pseudonym_key())
        whole = create_app(Desk(desk.scoring, intake, desk.access, desk.clock))
        app = Unwilling(whole, losing_the_answer_of(whole))
        with serving_app(app) as url, Client(url, KEY) as service:
            yield service, app, store


def test_records_sent_again_are_there_once(forgetful, declaration):
    service, app, store = forgetful
    taken = service.take_in("declarations", [declaration("A"), declaration("B")])
    assert app.calls == 2
    assert (taken.accepted, taken.unchanged, taken.amended) == (2, 2, 0)
    assert len(store.versions("declarations")) == 2


def test_a_decision_whose_answer_was_lost_is_one_inspection(forgetful):
    service, app, store = forgetful
    told = service.decide("shipments", "A", "offence", known_at=EARLIER, offence="drugs")
    wrong = service.decide("shipments", "A", "guilty", known_at=EARLIER)
    assert app.calls == 3
    assert (told.accepted, told.unchanged) == (1, 1)
    assert [error.field for error in wrong.errors] == ["result"]
    kept = store.versions("inspections")
    assert kept[["result", "offence"]].values.tolist() == [["offence", "drugs"]]


def test_it_waits_for_a_service_that_is_starting(desk, declaration):
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(create_app(desk), port=port, log_level="critical", lifespan="off")
    )
    starting = threading.Timer(0.3, server.run)
    with Client(f"http://127.0.0.1:{port}", KEY, retries=20) as service:
        starting.start()
        try:
            assert service.score([declaration("A")]).scores
        finally:
            server.should_exit = True
            starting.join()


def test_no_service_is_an_error_that_names_the_address():
    port = free_port()
    with (
        Client(f"http://127.0.0.1:{port}", KEY, retries=0) as service,
        pytest.raises(ServiceError, match=str(port)) as refusal,
    ):
        service.read_score("x")
    assert refusal.value.status is None


def test_an_answer_that_says_more_than_is_known_is_read(desk, serving_app):
    async def newer(scope, receive, send):
        body = b'{"accepted": 1, "unchanged": 0, "amended": 0, "errors": [], "linked": 3}'
        json = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": json})
        await send({"type": "http.response.body", "body": body})

    with serving_app(newer) as url, Client(url, KEY) as service:
        assert service.take_in("payments", [{}]).accepted == 1


def test_the_front_door_opens_without_the_client():
    heavy = "{'httpx', 'pydantic', 'pandas', 'bentoml', 'mlflow'}"
    script = f"import sys, tidewaiter; print({heavy} & set(sys.modules)); tidewaiter.Client"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout == "set()\n"
