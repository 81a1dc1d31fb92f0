"""Versions in service, over real sockets, real stores and a real registry."""

import json
import shutil
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from features.home import Home
from models.registry import CHAMPION, Registry
from models.selection import Thresholds
from serving.app import create_app
from serving.assembly import assemble

PATH = "/v1/shipments/score"
SOON_S = 20


@dataclass(frozen=True)
class Installation:
    """A home of its own, with a second version that sees red everywhere."""

    home: Home
    first: str
    second: str

    @property
    def registry(self):
        return Registry(self.home)

    def name(self, alias, version):
        self.registry.set_alias("shipments", alias, version)


def registered(registry, model):
    run = registry.client.create_run(registry.experiment("shipments"))
    return registry.register(model, run, {})


@pytest.fixture(scope="module")
def second(world):
    """A version beside the champion, registered once."""
    registry = Registry(world.home)
    champion = registry.champion("shipments")
    red = replace(champion.model, thresholds=Thresholds(red=0.0, yellow=0.0))
    return champion.version, registered(registry, red)


@pytest.fixture
def installation(world, second, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(world.home.path, home, ignore=shutil.ignore_patterns("mlartifacts", "bentoml"))
    return Installation(Home(home).prepare(), *second)


@dataclass(frozen=True)
class Wherever:
    """The registry at whatever address the environment names now."""

    home: Home

    def aliases(self, subject):
        return Registry(self.home).aliases(subject)

    def load(self, subject, version):
        return Registry(self.home).load(subject, version)


@contextmanager
def worker(installation, serving, every_s=0.05, source=None):
    """Serve a home as one worker does; it asks the registry often, or when told."""
    desk = assemble(installation.home, source or installation.registry)
    if every_s:
        desk.scoring.roster.follow(every_s)
    try:
        with serving(create_app(desk)) as url:
            yield desk, url
    finally:
        desk.scoring.finish()
        desk.scoring.store.close()


@pytest.fixture
def key(world, installation):
    return replace(world, home=installation.home).key()


@pytest.fixture
def ask(key):
    """Give a function that scores rows at an address."""
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:

        def post(url, rows):
            answer = client.post(url + PATH, json={"records": rows})
            assert answer.status_code == 200, answer.text
            return answer.json()["scores"]

        yield post


def rows_of(world, prefix):
    """Make new shipments without end, one at a time."""
    [*_, row] = world.rows(1, prefix)
    number = 0
    while True:
        number += 1
        yield [row | {"declaration_id": f"{prefix}{number}", "item_number": 1}]


def until(true):
    deadline = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_moved_alias_reaches_every_worker_and_no_request_is_dropped(
    world, installation, serving_app, ask
):
    with ExitStack() as stack:
        urls = [stack.enter_context(worker(installation, serving_app))[1] for _ in range(2)]
        told, rows = {url: [] for url in urls}, rows_of(world, "swap-")

        def has_moved():
            for url in urls:
                told[url] += ask(url, next(rows))
            return all(
                scores[-1]["model_version"] == installation.second for scores in told.values()
            )

        assert not has_moved()
        installation.name(CHAMPION, installation.second)
        until(has_moved)
    for scores in told.values():
        versions = [score["model_version"] for score in scores]
        moved = versions.index(installation.second)
        assert versions == [installation.first] * moved + versions[moved:]
        assert set(versions[moved:]) == {installation.second}
        assert {score["channel"] for score in scores[moved:]} == {"red"}


def test_a_request_in_flight_ends_with_the_version_it_began_with(
    world, installation, serving_app, ask
):
    with worker(installation, serving_app, every_s=None) as (desk, url):
        features = desk.scoring.benches["shipments"].features
        begun, go_on = threading.Event(), threading.Event()

        def slowly(records):
            del features.columns
            begun.set()
            assert go_on.wait(SOON_S)
            return features.columns(records)

        features.columns = slowly
        told, rows = [], rows_of(world, "flight-")
        caller = threading.Thread(target=lambda: told.extend(ask(url, next(rows))))
        caller.start()
        assert begun.wait(SOON_S)
        installation.name(CHAMPION, installation.second)
        desk.scoring.roster.refresh()
        go_on.set()
        caller.join()
        told += ask(url, next(rows))
    assert [score["model_version"] for score in told] == [installation.first, installation.second]


def of_another_format(plain):
    return plain | {"format": 99}


def of_other_features(plain):
    return plain | {"fingerprint": "0" * 64}


@pytest.mark.parametrize("spoil", [of_another_format, of_other_features, None])
def test_a_version_that_does_not_load_leaves_the_old_one_serving_and_is_said(
    world, installation, serving_app, ask, key, spoil, caplog
):
    registry = installation.registry
    version = registered(registry, registry.champion("shipments").model)
    folder = Path(registry.version("shipments", version).source.removeprefix("file://"))
    [file] = folder.rglob("model.json")
    if spoil is None:
        file.write_text("half of a mod")
    else:
        file.write_text(json.dumps(spoil(json.loads(file.read_text()))))
    with worker(installation, serving_app, every_s=None) as (desk, url):
        installation.name(CHAMPION, version)
        desk.scoring.roster.refresh()
        [score] = ask(url, next(rows_of(world, f"broken-{version}-")))
        ready = httpx.get(f"{url}/readyz").json()
        metrics = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {key}"}).text
    assert score["model_version"] == installation.first
    said = f"version {version} does not load; version {installation.first} serves on"
    assert ready["troubles"] == [f"champion of shipments: {said}"]
    assert 'tidewaiter_model_trouble{alias="champion",subject="shipments"} 1.0' in metrics
    assert said in caplog.text


def test_without_the_registry_it_starts_from_its_copies_and_returns_to_it(
    world, installation, serving_app, ask, monkeypatch
):
    rows = rows_of(world, "offline-")
    with worker(installation, serving_app) as (_, url):
        [online] = ask(url, next(rows))
    address = installation.registry.home.tracking_uri
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with worker(installation, serving_app, every_s=None, source=Wherever(installation.home)) as (
        desk,
        url,
    ):
        [score] = ask(url, next(rows))
        assert score["model_version"] == online["model_version"]
        assert "the registry does not answer" in httpx.get(f"{url}/readyz").json()["troubles"][0]
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        installation.name(CHAMPION, installation.second)
        desk.scoring.roster.refresh()
        [score] = ask(url, next(rows))
        assert score["model_version"] == installation.second
        assert "troubles" not in httpx.get(f"{url}/readyz").json()
