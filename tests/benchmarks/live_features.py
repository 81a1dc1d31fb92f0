"""Features of a record now: the live store beside ten bare reads by primary key, in one run.

The bare reads go through the driver itself, on a connection of the same store, each round to other
rows. Records come as mappings and features go as arrays, as a service has them and a model takes
them; a table is the same from one data frame to another. Records differ much in what they cost, as
parties do in whom they deal with: so many at once stand beside as many asked one by one too.

Nobody asks about a record that was asked about before; what a connection keeps of whole days is of
keys that other records named, as on a day of work. The store's file is read through first: it is
the store's work that is measured, not the disk's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import islice

import numpy as np
import pandas as pd

from features.catalog import feature_set
from features.online import LiveFeatures
from tests.benchmarks.harness import Contender, Options, Result, Timing, alternate
from tests.benchmarks.worlds import Filled, plain

ROWS = 1_000_000
ROUNDS = 60
MANY = 64
READS = 10
READING = "ten reads by primary key"
READ = "SELECT * FROM {kind} WHERE seq = ?"


def run(options: Options) -> Result:
    assert options.folder is not None
    world = Filled.make(options.folder, options.rows or ROWS, options.seed)
    timings: dict[str, Timing] = {}
    ratios: dict[str, float] = {}
    world.warm()
    with world.store, closing(world.store.engine.raw_connection()) as connection:
        for subject, one in (("shipments", "shipment"), ("crossings", "crossing")):
            kind = feature_set(subject).about.kind
            rounds = options.rounds or ROUNDS
            fresh = world.fresh((rounds + 1) * (2 + 3 * MANY), options.seed, kind)
            turns = _contenders(LiveFeatures(world.store, subject), one, fresh, rounds + 1)
            reads = Contender(f"{READING}, {kind}", _reads(connection, kind))
            seen = alternate([reads, *turns], rounds)
            timings |= seen
            ratios |= _ratios(one, [timing.median_s for timing in seen.values()])
    return Result("live_features", "record", world.sizes, timings, ratios)


def _contenders(
    live: LiveFeatures, one: str, fresh: list[pd.DataFrame], turns: int
) -> list[Contender]:
    drawn = iter(fresh)

    def sets(records: int) -> list[pd.DataFrame]:
        return [pd.concat(islice(drawn, records), ignore_index=True) for _ in range(turns)]

    ones, tables = [plain(frame) for frame in sets(1)], sets(1)
    many, many_tables = [plain(frame) for frame in sets(MANY)], sets(MANY)
    apart = [[plain(frame) for frame in islice(drawn, MANY)] for _ in range(turns)]
    return [
        Contender(f"1 {one}", lambda i: live.columns(ones[i])),
        Contender(f"table of 1 {one}", lambda i: live.table(tables[i])),
        Contender(f"{MANY} {one}s", lambda i: live.columns(many[i]), MANY),
        Contender(f"table of {MANY} {one}s", lambda i: live.table(many_tables[i]), MANY),
        Contender(
            f"{MANY} {one}s one by one",
            lambda i: [live.columns(single) for single in apart[i]],
            MANY,
        ),
    ]


def _reads(connection: object, kind: str) -> Callable[[int], object]:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    last = cursor.execute(f"SELECT max(seq) FROM {kind}").fetchone()[0]
    random = np.random.default_rng(0)
    query = READ.format(kind=kind)

    def read(_: int) -> object:
        chosen = random.integers(1, last + 1, READS).tolist()
        return [cursor.execute(query, (seq,)).fetchone() for seq in chosen]

    return read


def _ratios(one: str, seconds: list[float]) -> dict[str, float]:
    reads, single, table, many, _, apart = seconds
    return {
        f"1 {one} / ten reads": single / reads,
        f"table of 1 {one} / ten reads": table / reads,
        f"{MANY} {one}s, each / 1 {one}": many / MANY / single,
        f"{MANY} {one}s / one by one": many / apart,
    }
