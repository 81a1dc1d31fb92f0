"""One new record scored over HTTP beside an empty route of the same running service.

The service is the real one: BentoML's server in processes of its own, a champion trained on a
simulated world, one client on loopback with one connection and one request at a time. The empty
route is `/livez`, which needs no key; reading a score again costs a key and a row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

import pandas as pd

from serving.access import Access
from tests.benchmarks.harness import Contender, Options, Result, alternate
from tests.benchmarks.server import connection, served
from tests.benchmarks.worlds import Filled, today
from training.promotion import promote
from training.train import train

ROWS = 30_000
ROUNDS = 200
SCORE = "/v1/shipments/score"


def run(options: Options) -> Result:
    assert options.folder is not None
    world = Filled.make(options.folder, options.rows or ROWS, options.seed, today())
    with world.store as store:
        promote(store, world.home, "shipments", train(store, world.home, "shipments").version)
        key = Access(store.engine, lambda: datetime.now(UTC)).create("administrator")
    rounds = options.rounds or ROUNDS
    bodies = [_body(items) for items in _one_item_each(world, rounds + 1, options.seed)]
    with served(world.home, options.folder / "log") as port, closing(connection(port)) as client:
        timings = alternate(_contenders(client, key, bodies), rounds)
    empty = timings["empty route"].median_s
    return Result(
        "scoring",
        "request",
        world.sizes,
        timings,
        {
            f"{name} / empty route": timing.median_s / empty
            for name, timing in timings.items()
            if name != "empty route"
        },
    )


def _contenders(client: HTTPConnection, key: str, bodies: list[bytes]) -> list[Contender]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: bytes | None = None) -> bytes:
        client.request(method, path, body, headers)
        answer = client.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return content

    known = _body([{**json.loads(bodies[0])["records"][0], "declaration_id": "KNOWN"}])
    first = json.loads(ask("POST", SCORE, known))["scores"][0]
    return [
        Contender("empty route", lambda _: ask("GET", "/livez")),
        Contender("a new record scored", lambda i: ask("POST", SCORE, bodies[i])),
        Contender("a known record scored", lambda _: ask("POST", SCORE, known)),
        Contender("a score read again", lambda _: ask("GET", f"/v1/scores/{first['score_id']}")),
    ]


def _one_item_each(world: Filled, count: int, seed: int) -> Iterator[list[dict[str, Any]]]:
    for shipment in world.fresh(count, seed):
        row = shipment.iloc[0].drop("known_at")
        plain = {name: value for name, value in row.items() if not pd.isna(value)}
        yield [{**plain, "occurred_at": row["occurred_at"].isoformat(), "item_number": 1}]


def _body(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps({"records": rows}, default=lambda value: value.item()).encode()
