"""The real service: BentoML's own server in its own processes, on a real socket."""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import bentoml
import httpx
import psutil
import pytest

from features.catalog import RECORDS
from features.home import Home
from features.store import Store
from models.registry import CHAMPION, Registry
from serving.launch import serve_command, serve_environment

PATH = "/v1/shipments/score"


@pytest.fixture(scope="module")
def start(server_process):
    """Start the service of a home as `tidewaiter serve` does."""

    def begin(home, log, stop=signal.SIGKILL):
        return server_process(
            partial(serve_command, "127.0.0.1"), serve_environment(home), log, stop
        )

    return begin


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("service") / "log"


@pytest.fixture(scope="module")
def address(world, log, start):
    with start(world.home, log) as url:
        yield url


@pytest.fixture(scope="module")
def key(world):
    return world.key()


@pytest.fixture
def client(address, key):
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as opened:
        yield opened


def test_a_loaded_champion_makes_it_ready_without_a_key(address):
    assert httpx.get(f"{address}/livez").json() == {"status": "alive"}
    assert httpx.get(f"{address}/readyz").json() == {"status": "ready", "subjects": list(RECORDS)}


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/metrics", "/healthz", "/schema.json", "/docs.json", "/openapi.json"),
        *(
            "/score_shipments",
            "/score_crossings",
            "/static_content/index.css",
            "/v1/scores/x",
            PATH,
        ),
        *("/livez/", "//livez", "/LIVEZ"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_everything_but_health_needs_a_key(address, path, method):
    answer = httpx.request(method, address + path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("subject", RECORDS)
def test_bentomls_clients_get_the_scores_of_the_api(address, client, key, world, subject):
    rows = world.rows(3, "bentoml-", subject)
    with bentoml.SyncHTTPClient(address, token=key) as own:
        told = getattr(own, f"score_{subject}")(records=rows)
    assert told == client.post(f"/v1/{subject}/score", json={"records": rows}).json()
    assert told["scores"]


def test_one_stored_score_is_told_in_the_language_asked_for(client, world):
    body, dutch = {"records": world.rows(2, "tongue-", "crossings")}, {"Accept-Language": "nl"}
    path = "/v1/crossings/score"
    first, english, again = (client.post(path, json=body, headers=h) for h in (dutch, {}, dutch))
    assert first.json() == again.json()
    assert client.post("/score_crossings", json=body, headers=dutch).json() == first.json()
    for ours, theirs in zip(english.json()["scores"], first.json()["scores"], strict=True):
        for one, other in zip(ours["reasons"], theirs["reasons"], strict=True):
            assert one.pop("text").endswith("the risk.")
            assert other.pop("text").endswith("het risico.")
        assert ours["novelty"].pop("is_novel") is (ours["novelty"].pop("text") is not None)
        assert theirs["novelty"].pop("is_novel") is (theirs["novelty"].pop("text") is not None)
        assert ours == theirs
    [kept, _] = first.json()["scores"]
    assert client.get(f"/v1/scores/{kept['score_id']}", headers=dutch).json() == kept


def test_bentomls_route_answers_problems_as_the_api_does(client, world):
    [*_, row] = world.rows(1, "problem-")
    bad = {"records": [row | {"origin_country": "XQ"}]}
    ours, theirs = client.post(PATH, json=bad), client.post("/score_shipments", json=bad)
    assert ours.status_code == theirs.status_code == 422
    assert theirs.headers["content-type"] == "application/problem+json"
    assert ours.json()["errors"] == theirs.json()["errors"]
    for body in (b"{", b"[3]", b'{"records": 3}'):
        answer = client.post("/score_shipments", content=body)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


@pytest.mark.parametrize("claimed", ["multipart/form-data", "text/plain", "x", "image/png; a=b"])
def test_a_body_is_read_as_json_whatever_it_claims_to_be(client, world, claimed):
    body = json.dumps({"records": world.rows(1, "claimed-")})
    headers = {"Content-Type": claimed}
    ours, theirs = (
        client.post(path, content=body, headers=headers) for path in (PATH, "/score_shipments")
    )
    assert ours.json() == theirs.json()
    assert ours.json()["scores"]


def test_other_methods_of_bentomls_routes_are_not_allowed(client):
    for path, allowed in (("/score_shipments", {"POST"}), ("/healthz", {"GET", "HEAD"})):
        answer = client.put(path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == allowed


def test_nan_reaches_the_check_through_bentoml_too(client):
    answer = client.post("/score_shipments", content=b'{"records": [{"net_mass_kg": NaN}]}')
    assert answer.status_code == 422
    assert "NaN" in [error["value"] for error in answer.json()["errors"]]


def test_metrics_are_for_those_who_may_read_them(address, client, world):
    assert "tidewaiter_requests_total" in client.get("/metrics").text
    headers = {"Authorization": f"Bearer {world.key('partner')}"}
    assert httpx.get(f"{address}/metrics", headers=headers).status_code == 403


def test_metrics_tell_the_stages_of_a_score_and_its_channel_and_version(client, world):
    rows = world.rows(3, "metrics-")
    scores = client.post(PATH, json={"records": rows}).json()["scores"]
    text = client.get("/metrics").text
    for stage in ("wait", "validate", "take_in", "features", "score", "explain", "store"):
        assert f'tidewaiter_stage_seconds_count{{stage="{stage}"}}' in text
    labels = 'channel="{channel}",role="served",subject="shipments",version="{model_version}"'
    for score in scores:
        assert f"tidewaiter_scores_total{{{labels.format(**score)}}}" in text


def test_a_moved_alias_is_served_within_seconds_and_no_request_is_dropped(client, world):
    registry = Registry(world.home)
    first = registry.champion("shipments")
    run = registry.client.create_run(registry.experiment("shipments"))
    second = registry.register(first.model, run, {})
    [*_, row] = world.rows(1, "moved-")

    def is_served_by(version, number):
        new = row | {"declaration_id": f"moved-{version}-{number}"}
        [score] = client.post(PATH, json={"records": [new]}).json()["scores"]
        return score["model_version"] == version

    for version in (second, first.version):
        registry.set_alias("shipments", CHAMPION, version)
        deadline, numbers = time.monotonic() + 30, count()
        while not is_served_by(version, next(numbers)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_log_is_json_lines_that_name_requests_and_no_content(client, key, log, world):
    secret = "NL-PASSPORT-4821"
    headers = {"X-Request-ID": secret, "User-Agent": secret}
    bad = {"records": [*world.rows(1, "log-"), {"declaration_id": secret}]}
    answers = [
        client.post(PATH, json=bad, headers=headers),
        client.post("/score_shipments", json=bad, headers=headers),
        client.post("/score_shipments", json={"records": secret}, headers=headers),
        client.get(f"/{secret}", headers=headers),
        client.get("/metrics", headers={"Authorization": f"Bearer {secret}"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 400, 404, 401]
    client.get("/livez")  # what came before is told by then
    written = log.read_text()
    told = [json.loads(line) for line in written.splitlines()]
    requests = {line["request_id"]: line for line in told if line["event"] == "request"}
    for answer in answers:
        line = requests[answer.headers["x-request-id"]]
        assert line["status"] == answer.status_code
    for unsaid in (secret, key, "log-"):
        assert unsaid not in written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_finishes_what_it_accepted(world, log, key, start, number):
    rows = world.rows(400, f"ending-{number}-")
    with start(world.home, log.with_name(f"ending-{number}"), number) as url:
        with (
            httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client,
            ThreadPoolExecutor() as callers,
        ):
            accepted = callers.submit(client.post, url + PATH, json={"records": rows})
            while 'queue="admitted"} 1.0' not in client.get(f"{url}/metrics").text:
                assert not accepted.done()
            process = one_listening(url)
            process.send_signal(number)
            answer = accepted.result()
        assert answer.status_code == 200
        process.wait(timeout=30)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/livez")
    with Store.open(world.home) as store:
        for score in answer.json()["scores"]:
            assert store.read_score(score["score_id"])


def one_listening(url):
    """Find the first process of the service at an address."""
    port = int(url.rpartition(":")[2])
    [first] = [
        one
        for one in psutil.Process().children()
        if any(told.laddr.port == port for told in one.net_connections())
    ]
    return first


def test_every_route_that_answers_is_documented(client):
    documented = set(client.get("/openapi.json").json()["paths"])
    told = set(client.get("/schema.json").json()["paths"])
    assert told <= documented
    for path in ("/score_shipments", "/score_crossings", "/metrics", "/healthz", "/schema.json"):
        assert path in documented
    for path in ("/", "/docs.json", "/docs", "/redoc", "/static_content/index.css"):
        assert client.get(path).status_code == 404


def test_killed_and_started_again_it_returns_the_same_score(world, log, client, key, start):
    rows = world.rows(3, "killed-")
    first = client.post(PATH, json={"records": rows}).json()
    with start(world.home, log.with_name("again")) as again:
        headers = {"Authorization": f"Bearer {key}"}
        second = httpx.post(again + PATH, json={"records": rows}, headers=headers, timeout=60)
    assert second.json() == first
    assert first["scores"]


def test_without_a_champion_it_lives_and_is_not_ready(tmp_path, start):
    home = Home(tmp_path / "empty").prepare()
    with start(home, tmp_path / "log", stop=signal.SIGINT) as url:
        answer = httpx.get(f"{url}/readyz")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "champion" in answer.json()["detail"]
        assert httpx.get(f"{url}/livez").status_code == 200
