"""Mixed load on the real service, at seven tenths of what it can do, while things go wrong.

First every caller asks as fast as it is answered: that is the peak. Then they keep to 70 % of it,
and meanwhile the champion's alias moves to another version, a challenger is named, the worker is
killed, and the store's server, where it has one, starts again. Each of these is over before the
next begins, and before the load ends: a slow machine takes longer, and sees no less.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from features.home import Home
from features.store import Store
from features.store.schema import shadow_scores
from models.registry import Registry
from serving.canary import SHARE
from serving.launch import serve_command, serve_environment
from tests.benchmarks.server import HOST, connection, running
from tests.soak.bodies import Bodies
from tests.soak.caller import Caller
from tests.soak.ledger import Ledger
from tests.soak.processes import Memory, worker

CALLERS = 6
PEAK_SHARE, OF_PEAK = 0.1, 0.7
CANARY_SHARE = 0.2
EVENT_S = 180
SUBJECT = "shipments"


@dataclass
class Soaked:
    """What was seen."""

    ledgers: list[Ledger]
    seen: Counter[str]
    peak: float
    calls: float
    memory: Mapping[int, tuple[float, float, float]]
    events: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        memory = {p: tuple(round(one, 1) for one in line) for p, line in self.memory.items()}
        events = {name: round(took, 1) for name, took in self.events.items()}
        records = sum(len(ledger.accepted) for ledger in self.ledgers)
        scores = sum(len(ledger.scores) for ledger in self.ledgers)
        return (
            f"peak {self.peak:.1f} calls/s, kept to {self.calls:.1f}; {records} records,"
            f" {scores} scores; {dict(self.seen)}; events, s: {events};"
            f" worker: (seconds, MB, MB/min) {memory}"
        )


@dataclass
class Load:
    """Callers at work on a service, and what is done to it meanwhile."""

    home: Home
    port: int
    callers: list[Caller]
    pool: ThreadPoolExecutor

    def for_seconds(self, seconds: float, pause_s: float, events: Events) -> tuple[float, Times]:
        """Keep the load up so long, or until all events are over; give the calls a second."""
        before, began = self._turns(), time.monotonic()
        over = False
        asking = [
            self.pool.submit(caller.run, lambda: not over, lambda: pause_s)
            for caller in self.callers
        ]
        took: Times = {}
        try:
            for number, (name, event) in enumerate(events.items(), start=1):
                self._wait(asking, began + seconds * number / (len(events) + 1))
                start = time.monotonic()
                event(self)
                took[name] = time.monotonic() - start
            self._wait(asking, began + seconds)
        finally:
            over = True
        for one in asking:
            one.result()
        return (self._turns() - before) / (time.monotonic() - began), took

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + EVENT_S
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def ready(self) -> bool:
        with closing(connection(self.port)) as client:
            try:
                client.request("GET", "/readyz")
                return client.getresponse().status == 200
            except OSError:
                return False

    def _turns(self) -> int:
        troubles = {"503", "no answer"}
        return sum(
            n for one in self.callers for name, n in one.seen.items() if name not in troubles
        )

    def _wait(self, asking: list[Future[None]], until: float) -> None:
        while time.monotonic() < until:
            for one in asking:
                if one.done():
                    one.result()  # it failed, and says why
            time.sleep(0.1)


Times = dict[str, float]
Events = Mapping[str, Callable[[Load], None]]


def move_champion(load: Load) -> None:
    """Register the champion once more and promote that version; answers must name it soon."""
    registry = Registry(load.home)
    model = registry.champion(SUBJECT).model
    run = registry.client.create_run(registry.experiment(SUBJECT))
    version = registry.register(model, run, {})
    registry.set_alias(SUBJECT, "champion", version)
    load.until(lambda: version in [caller.versions.get(SUBJECT) for caller in load.callers])


def name_challenger(load: Load) -> None:
    """Let the first version challenge: it answers a share, and scores the rest in the shadow."""
    registry = Registry(load.home)
    before = str(registry.versions(SUBJECT)[-1].version)
    registry.set_alias(SUBJECT, "challenger", before)
    with Store.open(load.home) as store:
        load.until(lambda: _shadow_scores(store))
    load.until(lambda: before in [caller.versions.get(SUBJECT) for caller in load.callers])


def _shadow_scores(store: Store) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(shadow_scores)) or 0


def kill_worker(load: Load) -> None:
    """Kill the worker outright; another one must be ready soon."""
    first = worker(load.port)
    assert first is not None
    first.kill()
    load.until(lambda: (now := worker(load.port)) is not None and now.pid != first.pid)
    load.until(load.ready)


def soak(home: Home, key: str, seconds: float, seed: int, events: Events, log: Path) -> Soaked:
    """Serve a home under mixed load for so many seconds, a tenth of them at its peak."""
    environment = serve_environment(home) | {
        "TIDEWAITER_DATABASE_URL": home.database_url,
        SHARE: str(CANARY_SHARE),
    }
    with running(partial(serve_command, HOST), environment, log) as port:
        callers = [Caller(port, key, Bodies(seed * CALLERS + i)) for i in range(CALLERS)]
        with ThreadPoolExecutor(CALLERS) as pool, Memory(port).watched() as memory:
            load = Load(home, port, callers, pool)
            peak, _ = load.for_seconds(PEAK_SHARE * seconds, 0.0, {})
            pause_s = CALLERS / (OF_PEAK * peak)
            calls, took = load.for_seconds((1 - PEAK_SHARE) * seconds, pause_s, events)
    seen = sum((caller.seen for caller in callers), Counter())
    ledgers = [caller.ledger for caller in callers]
    return Soaked(ledgers, seen, peak, calls, memory.growth(), took)
