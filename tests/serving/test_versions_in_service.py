"""Versions in service, over real sockets, real stores and a real registry."""

import json
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from features.home import Home
from models.registry import CHAMPION, Registry
from tests.serving.installations import SOON_S, install, registered, two_versions, until, worker


@pytest.fixture(scope="module")
def versions(world):
    return two_versions(world)


@pytest.fixture
def installation(world, versions, tmp_path):
    return install(world, versions, tmp_path / "home")


def test_a_moved_alias_reaches_every_worker_and_no_request_is_dropped(installation, serving_app):
    with ExitStack() as stack:
        workers = [
            stack.enter_context(worker(installation, serving_app, every_s=0.05)) for _ in range(2)
        ]
        told, numbers = [[], []], count()

        def have_moved():
            for one, heard in zip(workers, told, strict=True):
                heard.extend(one.ask(installation.rows(f"swap-{next(numbers)}-")))
            return all(scores[-1]["model_version"] == installation.second for scores in told)

        assert not have_moved()
        installation.name(CHAMPION, installation.second)
        until(have_moved)
    for scores in told:
        versions = [score["model_version"] for score in scores]
        moved = versions.index(installation.second)
        assert set(versions[:moved]) == {installation.first}
        assert set(versions[moved:]) == {installation.second}
        assert {score["channel"] for score in scores[moved:]} == {"red"}


def test_a_request_in_flight_ends_with_the_version_it_began_with(installation, serving_app):
    with worker(installation, serving_app) as one:
        features = one.desk.scoring.queues["shipments"].bench.features
        begun, go_on = threading.Event(), threading.Event()

        def slowly(*given):
            del features.columns_if_new
            begun.set()
            assert go_on.wait(SOON_S)
            return features.columns_if_new(*given)

        features.columns_if_new = slowly
        told = []
        ask = threading.Thread(target=lambda: told.extend(one.ask(installation.rows("flight-"))))
        ask.start()
        assert begun.wait(SOON_S)
        installation.name(CHAMPION, installation.second)
        one.refresh()
        go_on.set()
        ask.join()
        told += one.ask(installation.rows("landed-"))
    assert [score["model_version"] for score in told] == [installation.first, installation.second]


@pytest.mark.parametrize("spoilt", [{"format": 99}, {"fingerprint": "0" * 64}, None])
def test_a_version_that_does_not_load_leaves_the_old_one_serving_and_is_said(
    installation, serving_app, spoilt, caplog
):
    registry = installation.registry
    version = registered(registry, registry.champion("shipments").model)
    folder = Path(registry.version("shipments", version).source.removeprefix("file://"))
    [file] = folder.rglob("model.json")
    whole = file.read_text()
    file.write_text(json.dumps(json.loads(whole) | spoilt) if spoilt else whole[: len(whole) // 2])
    with worker(installation, serving_app) as one:
        installation.name(CHAMPION, version)
        one.refresh()
        [score] = one.ask(installation.rows("broken-"))
        ready = one.client.get("/readyz").json()
        metrics = one.client.get("/metrics").text
    assert score["model_version"] == installation.first
    said = f"version {version} does not load; version {installation.first} serves on"
    assert ready["troubles"] == [f"champion of shipments: {said}"]
    assert 'tidewaiter_model_trouble{alias="champion",subject="shipments"} 1.0' in metrics
    assert said in caplog.text


@dataclass(frozen=True)
class Wherever:
    """The registry at whatever address the environment names now."""

    home: Home

    def aliases(self, subject):
        return Registry(self.home).aliases(subject)

    def load(self, subject, version):
        return Registry(self.home).load(subject, version)


def test_without_the_registry_it_starts_from_its_copies_and_returns_to_it(
    installation, serving_app, monkeypatch
):
    with worker(installation, serving_app) as one:
        [online] = one.ask(installation.rows("online-"))
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with worker(installation, serving_app, source=Wherever(installation.home)) as one:
        [score] = one.ask(installation.rows("offline-"))
        assert score["model_version"] == online["model_version"] == installation.first
        [told, *_] = one.client.get("/readyz").json()["troubles"]
        assert "the registry does not answer; its copy of version" in told
        monkeypatch.delenv("MLFLOW_TRACKING_URI")
        installation.name(CHAMPION, installation.second)
        one.refresh()
        [score] = one.ask(installation.rows("again-"))
        assert score["model_version"] == installation.second
        assert "troubles" not in one.client.get("/readyz").json()
