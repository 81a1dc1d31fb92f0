"""One client of a server: one connection, one request at a time, every answer a success."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from tests.benchmarks.server import connection


@dataclass(frozen=True)
class Caller:
    """A connection that stays open between requests, and the headers sent with each."""

    client: HTTPConnection
    headers: Mapping[str, str]

    @classmethod
    @contextmanager
    def to(cls, port: int, key: str = "") -> Iterator[Caller]:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with closing(connection(port)) as client:
            yield cls(client, headers)

    @contextmanager
    def again(self) -> Iterator[Caller]:
        """Open another connection to the same server, for the same holder of a key."""
        with closing(connection(self.client.port)) as client:
            yield Caller(client, self.headers)

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self.client.request(method, path, body, dict(self.headers))
        answer = self.client.getresponse()
        content = answer.read()
        assert 200 <= answer.status < 300, content
        return content


def body_of(rows: list[dict[str, Any]]) -> bytes:
    """Write records as a request's body."""
    return json.dumps({"records": rows}, default=lambda value: value.item()).encode()
