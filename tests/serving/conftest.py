"""A server on a real socket, over a desk whose scores are made up but whose checks are not."""

import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import httpx
import numpy as np
import pandas as pd
import pytest
import uvicorn

from features.batch import feature_table
from features.catalog import RECORDS, feature_set
from features.home import Home
from features.records import KINDS, pseudonymise
from features.records.files import check_file
from features.store import Store
from models import FitSettings, fit_model
from models.registry import Registry
from serving.access import Access
from serving.answers import (
    Novelty,
    Part,
    Peers,
    Readiness,
    Reason,
    RecordsAnswer,
    Score,
    ScoresText,
)
from serving.app import Desk, create_app
from serving.checking import check_records
from serving.principal import Principal
from serving.problems import unauthorised
from serving.requests import Limits
from serving.roles import Role
from serving.roster import no_champion
from tests.once import built_once
from tests.processes import free_port
from tests.processes import stop as end
from training.dataset import labelled
from training.simulation import simulate

RECEIVED = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEW = {"en": "It is new.", "nl": "Het is nieuw."}


class MadeUpScoring:
    """Scores every good record alike and remembers what it was asked."""

    def __init__(self):
        self.stored = {}
        self.asked = []
        self.champions = ["shipments", "crossings"]
        self.fault = None

    def score(self, subject, rows, received_at, principal, language):
        if self.fault is not None:
            raise self.fault
        if subject not in self.champions:
            raise no_champion(subject)
        self.asked.append((len(rows), received_at, principal.role))
        kind = KINDS[RECORDS[subject]]
        good, errors = check_records(kind.name, rows, received_at, writes_history=False)
        records = dict.fromkeys(row[kind.group] for row in good.values())
        english = [self._score(one, row_number(subject), NEW["en"]) for one in records]
        self.stored |= {score.score_id: score.model_dump_json() for score in english}
        text = NEW[language.code]
        scores = [self._score(one, row_number(subject), text) for one in records]
        return ScoresText([score.model_dump_json() for score in scores], errors)

    def read(self, score_id, language):
        stored = self.stored.get(score_id)
        return stored and stored.replace("It is new.", NEW[language.code])

    def ready(self):
        if not self.champions:
            raise no_champion("shipments or crossings")
        return Readiness(subjects=self.champions)

    def _score(self, record_id, item_number, text):
        part = Part(feature="unit_value", value=None, contribution=0.5)
        every = {"alike": None, "value": None, "records": 9, "share": None}
        reason = Reason(
            **part.model_dump(),
            direction="raises",
            text=text,
            features=[part],
            peers=Peers(**every, usual=3.5, lower=1.0, upper=8.0),
        )
        return Score(
            id=record_id,
            item_number=item_number,
            score_id=f"of-{record_id}",
            risk=0.1,
            log_odds=-2.25,
            base_value=-3.0,
            channel="green",
            offences={"fraud": 0.05},
            reasons=[reason],
            other_contribution=0.25,
            model_version="7",
            novelty=Novelty(
                is_novel=False, surprisal=3.5, threshold=20.0, feature="origin", text=None
            ),
        )


def row_number(subject):
    return 1 if subject == "shipments" else None


class MadeUpIntake:
    """Takes everything good for new."""

    def __init__(self):
        self.taken = []

    def take_in(self, kind, rows, received_at, principal):  # noqa: ARG002
        good, errors = check_records(kind, rows, received_at, writes_history=False)
        self.taken.append((kind, list(good.values())))
        return RecordsAnswer(accepted=len(good), unchanged=0, amended=0, errors=errors)


class KeyPerRole:
    """Whose key is the name of its role."""

    def check(self, key):
        if key not in set(Role):
            raise unauthorised("expected a key that is known, got another")
        return Principal(key, Role(key), None)


@contextmanager
def serving(app):
    """Serve an application on a free loopback port, in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def serving_app():
    """Give a context manager that serves an application and yields its address."""
    return serving


@contextmanager
def _server_process(command, environment, log, stop=signal.SIGKILL):
    """Run a server until it lives, and end it with its workers afterwards."""
    port = free_port()
    with log.open("w") as out:
        process = subprocess.Popen(
            command(port),
            env=environment,
            cwd=log.parent,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _until_alive(process, f"http://127.0.0.1:{port}", log)
    finally:
        end(process, stop)


def _until_alive(process, url, log):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"{url}/livez", timeout=120).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return url
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def server_process():
    """Give a context manager that runs a server of its own and yields its address."""
    return _server_process


@pytest.fixture(scope="module")
def desk():
    limits = Limits(body_bytes=50_000, records=20)
    return Desk(MadeUpScoring(), MadeUpIntake(), KeyPerRole(), lambda: RECEIVED, limits)


@pytest.fixture(scope="module")
def address(desk):
    with serving(create_app(desk)) as url:
        yield url


@pytest.fixture
def client(address):
    headers = {"Authorization": "Bearer administrator"}
    with httpx.Client(base_url=address, headers=headers) as opened:
        yield opened


@pytest.fixture
def declaration():
    """Make a good declaration's row, with some fields changed."""

    def make(declaration_id="26NL000510A1B2C3D4", **changes):
        row = {
            "declaration_id": declaration_id,
            "item_number": 1,
            "occurred_at": "2026-03-02T09:15:00Z",
            "importer_id": "NL823344112",
            "hs_code": "847130",
            "origin_country": "CN",
            "net_mass_kg": 120.5,
            "customs_value": 45000.0,
            "currency": "EUR",
        }
        return {name: value for name, value in (row | changes).items() if value is not ...}

    return make


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A home with half a year of simulated traffic and a small champion of each subject.

    The records are a worker's own, to be added to; the models' files are every worker's.
    """
    built = built_once(tmp_path_factory, "installation", install)
    home = Home(tmp_path_factory.mktemp("installation") / "home")
    shutil.copytree(built / "home", home.path, ignore=shutil.ignore_patterns("mlartifacts"))
    filed = {s: pd.read_parquet(built / f"{kind}.parquet") for s, kind in RECORDS.items()}
    return World(home.prepare(), filed)


def install(folder):
    """Simulate records into a folder, and take them into a home there with its champions."""
    simulate(folder, days=240, end=date(2026, 3, 1), seed=1, scale=0.2)
    home = Home(folder / "home").prepare()
    with Store.open(home) as store:
        for kind in (*RECORDS.values(), "inspections"):
            checked = check_file(folder / f"{kind}.parquet")[kind]
            store.take_in(kind, pseudonymise(checked.accepted, kind, home.pseudonym_key()))
        for subject in RECORDS:
            register_champion(home, store, subject)


@dataclass(frozen=True)
class World:
    """A home and what was loaded into it, as filed."""

    home: Home
    filed: dict[str, pd.DataFrame]

    def rows(self, count, prefix, subject="shipments"):
        """Take the last shipments or crossings, under new numbers, as rows of a request."""
        filed, name = self.filed[subject], KINDS[RECORDS[subject]].group
        chosen = filed[filed[name].isin(filed[name].unique()[-count:])]
        new = {
            name: prefix + chosen[name],
            "occurred_at": chosen["occurred_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        plain = chosen.drop(columns="known_at").assign(**new)
        return json.loads(plain.to_json(orient="records"))

    def of_nobody(self, count, prefix):
        """Take declarations of an importer that nobody knows; one home serves many tests."""
        return [
            row | {"declaration_id": f"{prefix}-{i}", "importer_id": f"NOBODY {prefix}"}
            for i, row in enumerate(self.rows(count, prefix)[-count:])
        ]

    def key(self, role="administrator"):
        """Make a key."""
        with Store.open(self.home) as store:
            return Access(store.engine, lambda: datetime.now(UTC)).create(role)


def register_champion(home, store, subject):
    """Fit few trees on all labelled records and promote the result."""
    features = feature_set(subject)
    table = feature_table(store, subject)
    examples = labelled(features, table, store.read("inspections"))
    settings = FitSettings(max_trees=60, threads=2, offence_positives=5)
    model = fit_model(features, examples, settings, np.random.default_rng(0))
    registry = Registry(home)
    run = registry.client.create_run(registry.experiment(subject))
    version = registry.register(model, run, {})
    registry.set_alias(subject, "champion", version)
