"""Taking one declaration in, durably, beside one bare durable insert of as many columns.

Both end with a commit to SQLite with write-ahead logging and full synchronisation, in databases on
the same disk. The bare side is one row without any index, through the driver itself; a declaration
is a row an item, facts, and tiles of every profile. It comes as mappings, or as a data frame. The
store's file is read through first: a bare insert reads nothing, and the disk's first reads are not
what is measured.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from features.store.rows import Records
from features.store.schema import metadata
from tests.benchmarks.harness import Contender, Options, Result, alternate
from tests.benchmarks.worlds import Filled, plain

ROWS = 1_000_000
ROUNDS = 100
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")


def run(options: Options) -> Result:
    assert options.folder is not None
    world = Filled.make(options.folder, options.rows or ROWS, options.seed)
    rounds = options.rounds or ROUNDS
    arriving = world.fresh(2 * (rounds + 1), options.seed)
    frames, records = arriving[::2], [plain(frame) for frame in arriving[1::2]]
    again = records[0]
    world.warm()
    with world.store, closing(_bare(options.folder / "bare.db")) as connection:
        contenders = (
            Contender("bare insert and commit", _insertion(connection)),
            Contender("declaration taken in", lambda i: _take(world, records[i])),
            Contender("the same again", lambda _: world.store.take_in("declarations", again)),
            Contender("one as a frame taken in", lambda i: _take(world, frames[i])),
        )
        timings = alternate(contenders, rounds)
    bare, taken, unchanged, framed = (timings[each.name].median_s for each in contenders)
    return Result(
        "intake",
        "declaration",
        world.sizes | {"items arriving": sum(map(len, arriving[2:]))},
        timings,
        {
            "declaration taken in / bare insert": taken / bare,
            "the same again / bare insert": unchanged / bare,
            "one as a frame taken in / bare insert": framed / bare,
        },
    )


def _take(world: Filled, declaration: Records) -> None:
    taken = world.store.take_in("declarations", declaration)
    assert taken.inserted == len(declaration)


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    columns = ", ".join(column.name for column in metadata.tables["declarations"].columns)
    connection.execute(f"CREATE TABLE bare ({columns})")
    return connection


def _insertion(connection: sqlite3.Connection) -> Callable[[int], None]:
    width = len(metadata.tables["declarations"].columns)
    query = f"INSERT INTO bare VALUES ({', '.join('?' * width)})"

    def insert(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(query, [f"a value of {number}"] * width)
        connection.execute("COMMIT")

    return insert
