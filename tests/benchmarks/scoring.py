"""Scores over HTTP, beside BentoML with nothing to do, and MLflow's server with history left out.

Ours is the real service: BentoML's server in processes of its own, a champion trained on a
simulated world, every record checked, taken in, scored with its history, explained, stored and
answered. The second is an endpoint of BentoML that does nothing (`rivals.empty`), as BentoML ships
one and bare, as our service is set: without metrics, a log and tracing of BentoML's own. The third
is ``mlflow models serve`` of the champion's own booster, explained by shap (`rivals.explained`): it
is handed features of the same world, ready-made, and stores nothing. Each has one worker and one
client on loopback, with one connection and one request at a time; all take turns, the bare endpoint
after MLflow's and so with cold caches. Then ours and MLflow's take turns of several clients at
once, each with a connection of its own.

The first request after a start is timed too, and the start itself, from nothing to ready.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pandas as pd

from features.batch import feature_table
from models.registry import Registry
from models.risk import RiskModel
from serving.access import Access
from tests.benchmarks.caller import Caller, body_of
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.harness import Contender, Options, Result, Timing, alternate
from tests.benchmarks.rivals.servers import EMPTY_PATH, MLFLOW_PATH, Rivals, matrix_body
from tests.benchmarks.server import served
from tests.benchmarks.stages import seconds, spent
from tests.benchmarks.worlds import Filled, today
from training.promotion import promote
from training.train import train

ROWS = 30_000
ROUNDS = 200
MANY = 64
CALLERS = (4, 8)
EACH = 4  # calls of a caller, one after the other, in a round of several callers
STARTS = 3
SCORE = "/v1/shipments/score"
EMPTY, BARE = "empty BentoML endpoint", "empty BentoML endpoint, bare"
START, FIRST = "start to ready", "first request after a start"


def run(options: Options) -> Result:
    assert options.folder is not None
    folder, rounds = options.folder, options.rounds or ROUNDS
    world = Filled.make(folder, options.rows or ROWS, options.seed, today())
    with world.store as store:
        version = train(store, world.home, "shipments").version
        promote(store, world.home, "shipments", version, override="to be measured")
        key = Access(store.engine, lambda: datetime.now(UTC)).create("administrator")
        table = feature_table(store, "shipments")
    model = Registry(world.home).champion("shipments").model
    asked = Asked.make(world, model, table, rounds, options.seed)
    timings = _starts(world, key, asked, folder)
    with ExitStack() as stack:
        port = stack.enter_context(served(world.home, folder / "log"))
        ours = stack.enter_context(Caller.to(port, key))
        rivals = Rivals.started(stack, model, folder)
        facts: dict[str, float] = {}
        for bodies in (asked.ones, asked.manys):
            before = seconds(ours)
            timings |= alternate(_contenders(ours, rivals, bodies), bodies.rounds)
            facts |= spent(before, seconds(ours), bodies.rounds + 1, f"ours, {bodies}")
        timings |= alternate(_again(ours, asked.ones), rounds)
        for callers, bodies in asked.crowds.items():
            with Crowd.like(ours, callers) as here, Crowd.like(rivals.mlflow, callers) as there:
                rounds = len(bodies.ours) // (callers * EACH) - 1
                timings |= alternate(_at_once(here, there, bodies), rounds)
    return Result("scoring", "record", world.sizes, timings, _ratios(timings), facts)


@dataclass(frozen=True)
class Bodies:
    """Requests of so many records each: new ones, and encoded features of records like them."""

    records: int
    ours: list[bytes]
    theirs: list[bytes]

    @property
    def rounds(self) -> int:
        return len(self.ours) - 1  # the first warms up

    def __str__(self) -> str:
        return f"{self.records} record{'s' * (self.records > 1)} a call"


@dataclass(frozen=True)
class Asked:
    """What is asked: one record a call, many a call, many by several at once, and at first."""

    ones: Bodies
    manys: Bodies
    crowds: dict[int, Bodies]
    firsts: list[bytes]

    @classmethod
    def make(
        cls, world: Filled, model: RiskModel, table: pd.DataFrame, rounds: int, seed: int
    ) -> Asked:
        crowded = max(2, rounds // 25)
        sizes = [(1, rounds + 1), (MANY, max(3, rounds // 3) + 1)]
        sizes += [(MANY, (crowded + 1) * callers * EACH) for callers in CALLERS]
        count = STARTS + sum(records * calls for records, calls in sizes)
        rows = map(_row, world.filed(count, seed))
        random = np.random.default_rng(seed)
        encoded = cycle(random.permutation(model.encoding.matrix(table)))

        def bodies(records: int, calls: int) -> Bodies:
            ours = [body_of(list(islice(rows, records))) for _ in range(calls)]
            like = [np.array(list(islice(encoded, records))) for _ in range(calls)]
            return Bodies(records, ours, [matrix_body(model.feature_names, m) for m in like])

        firsts = [body_of([row]) for row in islice(rows, STARTS)]
        ones, manys, *crowds = [bodies(*size) for size in sizes]
        return cls(ones, manys, dict(zip(CALLERS, crowds, strict=True)), firsts)


def _row(shipment: pd.DataFrame) -> dict[str, object]:
    row = shipment.iloc[0].drop("known_at")
    plain = {name: value for name, value in row.items() if not pd.isna(value)}
    return {**plain, "occurred_at": row["occurred_at"].isoformat(), "item_number": 1}


def _starts(world: Filled, key: str, asked: Asked, folder: Path) -> dict[str, Timing]:
    """Start the service several times; how long until it is ready, and for its first request."""
    ready_s, first_s = [], []
    for body in asked.firsts:
        began = time.perf_counter()
        with served(world.home, folder / "log") as port, Caller.to(port, key) as ours:
            ready = time.perf_counter()
            ours.ask("POST", SCORE, body)
            ready_s.append(ready - began)
            first_s.append(time.perf_counter() - ready)
    return {START: Timing(START, 1, tuple(ready_s)), FIRST: Timing(FIRST, 1, tuple(first_s))}


def _contenders(ours: Caller, rivals: Rivals, bodies: Bodies) -> list[Contender]:
    def score(number: int) -> None:
        content = ours.ask("POST", SCORE, bodies.ours[number])
        if not number:
            assert len(json.loads(content)["scores"]) == bodies.records

    def explain(number: int) -> None:
        content = rivals.mlflow.ask("POST", MLFLOW_PATH, bodies.theirs[number])
        if not number:
            assert len(json.loads(content)["predictions"]) == bodies.records

    contenders = [
        Contender(f"ours, {bodies}", score, bodies.records),
        Contender(f"mlflow models serve, {bodies}", explain, bodies.records),
    ]
    if bodies.records > 1:
        return contenders
    return [
        *contenders,
        Contender(BARE, lambda _: rivals.bare.ask("POST", EMPTY_PATH, b"{}")),
        Contender(EMPTY, lambda _: rivals.empty.ask("POST", EMPTY_PATH, b"{}")),
    ]


def _at_once(ours: Crowd, mlflow: Crowd, bodies: Bodies) -> list[Contender]:
    """Let several callers ask at once; a round is so many calls of each."""
    callers = len(ours.callers)
    calls = callers * EACH
    name = f"{bodies}, {callers} callers"

    def part(every: list[bytes], number: int) -> list[bytes]:
        return every[number * calls : (number + 1) * calls]

    return [
        Contender(
            f"ours, {name}",
            lambda number: ours.ask("POST", SCORE, part(bodies.ours, number)),
            calls * bodies.records,
        ),
        Contender(
            f"mlflow models serve, {name}",
            lambda number: mlflow.ask("POST", MLFLOW_PATH, part(bodies.theirs, number)),
            calls * bodies.records,
        ),
    ]


def _again(ours: Caller, bodies: Bodies) -> list[Contender]:
    """Ask for what is known already, and for what needs no key and no model."""
    [score] = json.loads(ours.ask("POST", SCORE, bodies.ours[0]))["scores"]
    path = f"/v1/scores/{score['score_id']}"
    return [
        Contender("a known record scored", lambda _: ours.ask("POST", SCORE, bodies.ours[0])),
        Contender("a score read again", lambda _: ours.ask("GET", path)),
        Contender("our own empty route", lambda _: ours.ask("GET", "/livez")),
    ]


def _ratios(timings: dict[str, Timing]) -> dict[str, float]:
    one, many = (f"{n} record{'s' * (n > 1)} a call" for n in (1, MANY))
    ours, mlflow = timings[f"ours, {one}"].median_s, timings[f"mlflow models serve, {one}"].median_s
    return {
        f"ours / {EMPTY}, {one}": ours / timings[EMPTY].median_s,
        f"ours / {BARE}, {one}": ours / timings[BARE].median_s,
        f"ours / mlflow models serve, {one}": ours / mlflow,
        **{
            f"records a second, ours / mlflow models serve, {name}": (
                timings[f"mlflow models serve, {name}"].unit_s / timings[f"ours, {name}"].unit_s
            )
            for name in (many, *(f"{many}, {callers} callers" for callers in CALLERS))
        },
        f"{FIRST} / ours, {one}": timings[FIRST].median_s / ours,
        "a known record scored / a new one": timings["a known record scored"].median_s / ours,
    }
