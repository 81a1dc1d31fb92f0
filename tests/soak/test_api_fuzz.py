"""Random malformed requests against the real service on loopback, for a bounded time.

Whatever comes, no answer is an error of the service, every answer is one that `/openapi.json`
documents, and a record that was answered as accepted is in the store after the service was killed.
A failure shows `soak_seed`; ``make soak ARGS="--soak-seed N"`` repeats the requests.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from features.catalog import RECORDS
from features.home import Home
from features.records import FILED
from features.store import Store
from serving.access import Access
from serving.answers import RecordsAnswer, Score, ScoresAnswer
from serving.problems import ProblemDetails
from tests.benchmarks.server import connection, served
from tests.soak.bodies import Bodies, Row, encoded
from tidewaiter.loading import load
from training.promotion import promote
from training.simulation import simulate
from training.train import train

FUZZ_S = 90
SCALE = 0.15
SCORE = "/v1/{subject}/score"
FILE = "/v1/records/{kind}"
# Parties cannot be looked up again by what was filed: their identity is kept as a pseudonym.
IDS = {kind.name: kind.identity[0] for kind in FILED.values() if kind.name != "parties"}
MODELS = {m.__name__: m for m in (Score, ScoresAnswer, RecordsAnswer, ProblemDetails)}
OTHERS = (
    *(
        ("GET", "/v1/shipments/score"),
        ("PUT", "/v1/crossings/score"),
        ("POST", "/v1/scores/x"),
        ("GET", "/v1/scores/%00%ff"),
    ),
    *(("GET", "/v1/scores/" + "x" * 5_000), ("POST", "/v1/records/parcels"), ("GET", "/v1")),
    *(("DELETE", "/readyz"), ("GET", "/..%2f..%2fetc/passwd"), ("POST", "/livez"), ("GET", "/%")),
)


@dataclass
class Fuzz:
    """A conversation with the service, and what it has promised so far."""

    client: HTTPConnection
    key: str
    document: dict[str, Any]
    bodies: Bodies
    accepted: dict[tuple[str, str], Row] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        answer, content = self._sent(method, path, body)
        self.seen[f"{method} {answer.status}"] += 1
        where = f"{method} {path[:80]} {(body or b'')[:2_000]!r}"
        assert answer.status < 500, (where, content)
        self._check_documented(method, path, answer, content, where)
        return answer.status, content

    def _sent(self, method: str, path: str, body: bytes | None) -> tuple[HTTPResponse, bytes]:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self.client.request(method, path, body, headers)
        answer = self.client.getresponse()
        return answer, answer.read()

    def _check_documented(
        self, method: str, path: str, answer: HTTPResponse, content: bytes, where: str
    ) -> None:
        media_type = answer.headers.get_content_type()
        operation = self.document["paths"].get(_template(path), {}).get(method.lower())
        if operation is None:
            assert answer.status in {404, 405}, (where, answer.status)
            assert media_type == "application/problem+json", (where, media_type)
            ProblemDetails.model_validate_json(content)
            return
        documented = operation["responses"]
        assert str(answer.status) in documented, (where, answer.status, content)
        schema = documented[str(answer.status)]["content"][media_type]["schema"]
        MODELS[schema["$ref"].rpartition("/")[2]].model_validate_json(content)

    def file(self, kind: str, rows: list[Any]) -> None:
        """File records and remember which of them were accepted."""
        status, content = self.ask("POST", FILE.replace("{kind}", kind), encoded(rows))
        if status != 200:
            return
        answer = RecordsAnswer.model_validate_json(content)
        failed = {error.index for error in answer.errors}
        good = [row for index, row in enumerate(rows) if index not in failed]
        assert answer.accepted == len({json.dumps(row, sort_keys=True) for row in good})
        for row in good:
            identifier = row[IDS[kind]]
            if self.bodies.drew(identifier):  # odd ones may be normalised on the way in
                self.accepted[kind, identifier] = row

    def score(self, subject: str, rows: list[Any]) -> None:
        """Score records; those without an error each belong to a score."""
        status, content = self.ask("POST", SCORE.replace("{subject}", subject), encoded(rows))
        if status != 200:
            return
        answer = ScoresAnswer.model_validate_json(content)
        failed = {error.index for error in answer.errors}
        good = {str(row[IDS[RECORDS[subject]]]) for i, row in enumerate(rows) if i not in failed}
        assert len(answer.scores) == len(good)
        for score in answer.scores:
            parts = sum(reason.contribution for reason in score.reasons)
            total = score.base_value + score.other_contribution + parts
            assert total == pytest.approx(score.log_odds, abs=1e-6)

    def turn(self) -> None:
        random = self.bodies.random
        kind, subject = random.choice(list(IDS)), random.choice(list(RECORDS))
        match random.choices(("file", "score", "noise", "other"), (4, 3, 4, 1))[0]:
            case "file":
                self.file(kind, self.bodies.records(kind))
            case "score":
                self.score(subject, self.bodies.records(RECORDS[subject]))
            case "noise":
                path = random.choice(
                    (SCORE.replace("{subject}", subject), FILE.replace("{kind}", kind))
                )
                self.ask("POST", path, self.bodies.noise(kind))
            case _:
                self.ask(*random.choice(OTHERS))


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A home with champions trained on half a year of simulated traffic."""
    home = Home(tmp_path_factory.mktemp("fuzz") / "home").prepare()
    world = home.path / "world"
    end: date = datetime.now(UTC).date() - timedelta(days=1)
    counts = simulate(world, days=240, end=end, seed=1, scale=SCALE)
    with Store.open(home) as store:
        for _ in load(store, home, [world / f"{kind}.parquet" for kind in counts]):
            pass
        for subject in RECORDS:
            promote(store, home, subject, train(store, home, subject).version)
    return home


@pytest.fixture(scope="module")
def key(installation):
    with Store.open(installation) as store:
        return Access(store.engine, lambda: datetime.now(UTC)).create("officer")


def test_whatever_comes_every_answer_is_documented_and_nothing_accepted_is_lost(
    installation, key, soak_seed, length
):
    log = installation.path / "log"
    with served(installation, log) as port, closing(connection(port)) as client:
        fuzz = Fuzz(client, key, _document(client, key), Bodies(soak_seed))
        ends = time.monotonic() + length.of(FUZZ_S)
        while time.monotonic() < ends:
            fuzz.turn()
    print(dict(fuzz.seen), len(fuzz.accepted), "accepted, seed", soak_seed)  # noqa: T201
    assert len(fuzz.accepted) > 20
    assert {"POST 200", "POST 400", "POST 422"} <= set(fuzz.seen)
    _check_kept(installation, fuzz.accepted)


def _check_kept(home: Home, accepted: dict[tuple[str, str], Row]) -> None:
    """Look every accepted record up in the store, whose service was killed."""
    with Store.open(home) as store:
        kept = {kind: store.read(kind).set_index(IDS[kind]) for kind in IDS}
    for (kind, identifier), row in accepted.items():
        assert identifier in kept[kind].index, row
        if kind == "declarations":
            found = kept[kind].loc[[identifier]]
            assert float(row["net_mass_kg"]) in found["net_mass_kg"].tolist(), row
            assert float(row["customs_value"]) in found["customs_value"].tolist(), row


def _document(client: HTTPConnection, key: str) -> dict[str, Any]:
    client.request("GET", "/openapi.json", headers={"Authorization": f"Bearer {key}"})
    answer = client.getresponse()
    document: dict[str, Any] = json.loads(answer.read())
    return document


def _template(path: str) -> str:
    """Find the path of `/openapi.json` that a request's path is one of."""
    for template in (FILE, "/v1/scores/{score_id}"):
        head = template.partition("{")[0]
        if path.startswith(head) and "/" not in path.removeprefix(head):
            return template
    return path
