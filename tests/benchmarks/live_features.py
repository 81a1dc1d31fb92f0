"""Features of a record now: the live store beside ten bare reads by primary key, in one run.

The bare reads go through the driver itself, on a connection of the same store, each round to other
rows. Records come as mappings and features go as arrays, as a service has them and a model takes
them; a table is the same from one data frame to another.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import numpy as np
import pandas as pd

from features.online import LiveFeatures
from tests.benchmarks.harness import Contender, Options, Result, alternate
from tests.benchmarks.worlds import Filled, plain

ROWS = 100_000
ROUNDS = 100
MANY = 64
READS = 10
READING, ONE, TOGETHER = "ten reads by primary key", "1 shipment", "64 shipments"
READ = "SELECT * FROM declarations WHERE seq = ?"


def run(options: Options) -> Result:
    assert options.folder is not None
    world = Filled.make(options.folder, options.rows or ROWS, options.seed)
    rounds = options.rounds or ROUNDS
    shipments = world.fresh(MANY + rounds, options.seed)
    live = LiveFeatures(world.store, "shipments")
    with world.store, closing(world.store.engine.raw_connection()) as connection:
        timings = alternate(_contenders(live, shipments, _reads(connection)), rounds)
    return Result(
        "live_features",
        "shipment",
        world.sizes | {"items in the 64 first asked": len(pd.concat(shipments[:MANY]))},
        timings,
        _ratios({name: timing.median_s for name, timing in timings.items()}),
    )


def _contenders(
    live: LiveFeatures, shipments: list[pd.DataFrame], read: Callable[[int], object]
) -> list[Contender]:
    ones = [one.reset_index(drop=True) for one in shipments]
    many = [
        pd.concat(shipments[first : first + MANY], ignore_index=True)
        for first in range(len(shipments) - MANY + 1)
    ]
    one_each, many_each = ([plain(frame) for frame in frames] for frames in (ones, many))
    return [
        Contender(READING, read),
        Contender(ONE, lambda i: live.columns(one_each[i])),
        Contender("table of 1 shipment", lambda i: live.table(ones[i])),
        Contender(TOGETHER, lambda i: live.columns(many_each[i]), MANY),
        Contender("table of 64 shipments", lambda i: live.table(many[i]), MANY),
    ]


def _reads(connection: object) -> Callable[[int], object]:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    last = cursor.execute("SELECT max(seq) FROM declarations").fetchone()[0]
    random = np.random.default_rng(0)

    def read(_: int) -> object:
        chosen = random.integers(1, last + 1, READS).tolist()
        return [cursor.execute(READ, (seq,)).fetchone() for seq in chosen]

    return read


def _ratios(seconds: dict[str, float]) -> dict[str, float]:
    reads, one, many = seconds[READING], seconds[ONE], seconds[TOGETHER]
    return {
        "1 shipment / ten reads": one / reads,
        "table of 1 shipment / ten reads": seconds["table of 1 shipment"] / reads,
        "64 shipments, each / 1 shipment": many / MANY / one,
    }
