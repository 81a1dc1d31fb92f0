"""One caller of the service under load, who asks again as a patient client would.

Where there was no answer, or a 503 that says when to come again, the same request is sent again:
by the service's own word that changes nothing. Every other answer must be a success.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from features.catalog import RECORDS
from features.records import FILED, KINDS
from tests.benchmarks.server import connection
from tests.soak.bodies import Bodies, Row, encoded
from tests.soak.ledger import Ledger, unlinked

PATIENCE_S = 120
MANY = 64
TURNS = {"score": 50, "score_many": 4, "file": 25, "read": 15, "amend": 6}
# One to many: histories of traders and routes, as busy as those of a small border.
_HEADINGS = ("847130", "080390", "870323", "240220", "930690")
_ORIGINS = ("CN", "EC", "TR", "US", "MA", "DE")


@dataclass
class Caller:
    """A conversation of one thread, with records of its own.

    Attributes
    ----------
    seen : how often each turn was taken, and each kind of trouble met.
    versions : by subject, the model version last answered with.
    """

    port: int
    key: str
    bodies: Bodies
    ledger: Ledger = field(default_factory=Ledger)
    seen: Counter[str] = field(default_factory=Counter)
    versions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = connection(self.port)

    @property
    def random(self) -> random.Random:
        return self.bodies.random

    def run(self, going_on: Callable[[], bool], pause_s: Callable[[], float]) -> None:
        """Take turns while it goes on, one every so many seconds on average."""
        due = time.monotonic()
        while going_on():
            self.turn()
            due = max(due + pause_s() * self.random.uniform(0.5, 1.5), time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
        self.client.close()

    def turn(self) -> None:
        [name] = self.random.choices(list(TURNS), list(TURNS.values()))
        getattr(self, name)()
        self.seen[name] += 1

    def score(self, count: int = 1) -> None:
        subject = self.random.choice(list(RECORDS))
        self._score(subject, [self._row(RECORDS[subject]) for _ in range(count)])

    def score_many(self) -> None:
        self.score(MANY)

    def file(self) -> None:
        kind = self.random.choice(list(FILED))
        self._file(kind, [self._row(kind) for _ in range(self.random.choice((1, 3, 20)))])

    def read(self) -> None:
        """Read a score again that was answered before."""
        if self.ledger.scores:
            score_id = self.random.choice(list(self.ledger.scores)[-1000:])
            again = unlinked(self._ask("GET", f"/v1/scores/{score_id}"))
            assert again == self.ledger.scores[score_id]

    def amend(self) -> None:
        """File or score a declaration again, worth something else."""
        mine = [name for name in list(self.ledger.accepted)[-1000:] if name[0] == "declarations"]
        if mine:
            row = self.ledger.accepted[self.random.choice(mine)][-1]
            row = row | {"customs_value": round(self.random.lognormvariate(6, 2), 2)}
            if self.random.random() < 0.5:
                self._file("declarations", [row])
            else:
                self._score("shipments", [row])

    def _row(self, kind: str) -> Row:
        row = self.bodies.good(kind)
        other = {"hs_code": _HEADINGS, "origin_country": _ORIGINS}
        drawn = {name: self.random.choice(some) for name, some in other.items() if name in row}
        people = {*KINDS[kind].persons} - {KINDS[kind].identity[0]}
        drawn |= {name: f"{name} {self.random.randrange(300)}" for name in people & set(row)}
        return row | drawn

    def _score(self, subject: str, rows: list[Row]) -> None:
        answer = self._ask("POST", f"/v1/{subject}/score", encoded(rows))
        assert not answer["errors"], answer["errors"]
        name = KINDS[RECORDS[subject]].group
        assert [score["id"] for score in answer["scores"]] == [row[name] for row in rows]
        self.ledger.accept(RECORDS[subject], rows)
        self.ledger.scores |= {score["score_id"]: unlinked(score) for score in answer["scores"]}
        self.versions[subject] = answer["scores"][-1]["model_version"]

    def _file(self, kind: str, rows: list[Row]) -> None:
        answer = self._ask("POST", f"/v1/records/{kind}", encoded(rows))
        assert answer["accepted"] == len(rows), answer
        self.ledger.accept(kind, rows)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                status, retry_after, content = self._sent(method, path, body)
            except (OSError, HTTPException):  # its worker is gone, or not yet there again
                self.seen["no answer"] += 1
                self.client.close()
                time.sleep(0.2)
                continue
            if status == 200:
                return json.loads(content)
            assert status == 503, (method, path, status, content)
            assert retry_after is not None, content
            self.seen["503"] += 1
            time.sleep(float(retry_after) * self.random.random())
        raise AssertionError(f"no answer in {PATIENCE_S} s to {method} {path}")

    def _sent(self, method: str, path: str, body: bytes | None) -> tuple[int, str | None, bytes]:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self.client.request(method, path, body, headers)
        answer = self.client.getresponse()
        return answer.status, answer.headers["Retry-After"], answer.read()
