from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import pandas as pd
import pytest

from features.home import Home
from features.store import Store, intake
from features.store.engine import take_turn
from tests.benchmarks.worlds import checked, simulated
from tests.features.conftest import declaration
from tests.features.tiles import assert_same_tiles, rows, tiles
from tests.features.worlds import frame

ROOT = Path(__file__).parents[2]
RECORDS = int(os.environ.get("WRITERS_RECORDS", "2000"))
WRITERS = 4
Batches = list[tuple[str, pd.DataFrame]]


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> dict[str, pd.DataFrame]:
    """Simulated records; of every tenth declaration another version a day later, too."""
    folder = tmp_path_factory.mktemp("world")
    frames = checked(simulated(folder, RECORDS, seed=11, end=date(2026, 1, 1)), bytes(32))
    declared = frames["declarations"]
    ids = declared["declaration_id"].drop_duplicates()
    again = declared[declared["declaration_id"].isin(set(ids.iloc[::10]))].copy()
    again["known_at"] += pd.Timedelta(days=1)
    again["customs_value"] *= 3
    again["importer_id"] = declared["importer_id"].iloc[0]
    frames["declarations"] = pd.concat([declared, again], ignore_index=True)
    return frames


def in_batches(frames: dict[str, pd.DataFrame], size: int = 50) -> Batches:
    """Cut records small, and mix the kinds: a result may well come before its declaration."""
    batches = []
    for kind, records in frames.items():
        shuffled = records.sample(frac=1, random_state=5)
        starts = range(0, len(shuffled), size)
        batches += [(at / len(shuffled), kind, shuffled.iloc[at : at + size]) for at in starts]
    return [(kind, records) for _, kind, records in sorted(batches, key=lambda each: each[:2])]


def writer(home: Home, folder: Path, number: int, share: Batches) -> subprocess.Popen[str]:
    file = folder / f"{number}.pickle"
    file.write_bytes(pickle.dumps(share))
    command = [sys.executable, "-m", "tests.features.writer", str(home.path), home.database_url]
    return subprocess.Popen(
        [*command, str(file)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def begin(*writers: subprocess.Popen[str]) -> None:
    for process in writers:
        assert process.stdout.readline() == "ready\n"
    for process in writers:
        process.stdin.write("go\n")
        process.stdin.flush()


def test_four_writers_one_killed_leave_the_store_of_a_clean_load(new_home, tmp_path, world):
    home, batches = new_home(), in_batches(world)
    shares = [batches[number::WRITERS] for number in range(WRITERS)]
    several = [writer(home, tmp_path, number, share) for number, share in enumerate(shares)]
    again = writer(home, tmp_path, WRITERS, shares[0])
    begin(*several)
    victim = several[0]
    for _ in range(len(shares[0]) // 2):
        victim.stdout.readline()
    victim.kill()
    victim.communicate()
    begin(again)
    survivors = [*several[1:], again]
    assert [len(process.communicate()[0].split()) for process in survivors] == [
        len(share) for share in (*shares[1:], shares[0])
    ]
    assert [process.returncode for process in survivors] == [0] * WRITERS
    assert victim.returncode == -signal.SIGKILL
    with Store.open(home) as store, Store.open(new_home()) as clean:
        for kind, records in world.items():
            clean.take_in(kind, records)
        for table in ("declarations", "inspections", "facts_items", "facts_controls"):
            pd.testing.assert_frame_equal(rows(store, table), rows(clean, table))
        assert_same_tiles(store, clean)


def at_once(store: Store, *batches: tuple[str, pd.DataFrame]) -> None:
    barrier = Barrier(len(batches))

    def take_in(kind: str, records: pd.DataFrame) -> None:
        barrier.wait()
        store.take_in(kind, records)

    with ThreadPoolExecutor(len(batches)) as pool:
        for done in [pool.submit(take_in, *batch) for batch in batches]:
            done.result()


def test_records_of_one_importer_at_the_same_moment_lose_nothing(new_home, one_importer_at):
    with Store.open(new_home()) as store:
        records = one_importer_at(["2026-01-01T10:00"] * 8)
        at_once(store, *(("declarations", records.iloc[[i]]) for i in range(8)))
        (tile,) = tiles(store)["importer_items"]
        assert 8 in tile
        assert len(store.read("declarations")) == 8


@pytest.mark.parametrize("first", ["declarations", "inspections"])
def test_a_result_beside_its_declaration_is_never_lost(new_home, first):
    declared = frame("declarations", [declaration(1, "2026-01-01T10:00")])
    found = {
        "inspection_id": "I1",
        "subject": "shipments",
        "subject_id": "D1",
        "known_at": "2026-01-01T10:00",
        "result": "offence",
    }
    arriving = {"declarations": declared, "inspections": frame("inspections", [found])}
    earlier = arriving.pop(first)
    with Store.open(new_home()) as store, ThreadPoolExecutor(1) as pool:
        with store.writing() as connection:
            intake.take_in(connection, first, earlier)
            later = pool.submit(store.take_in, *arriving.popitem())
            wait([later], timeout=1)  # long enough to be through, were it not to wait its turn
        later.result()
        assert len(rows(store, "facts_controls")) == 1


def test_the_same_record_at_the_same_moment_is_taken_in_once(new_home, one_importer_at):
    with Store.open(new_home()) as store:
        records = one_importer_at(["2026-01-01T10:00", "2026-01-02T10:00"])
        at_once(store, *[("declarations", records)] * 4)
        assert len(store.read("declarations")) == 2
        assert len(rows(store, "facts_items")) == 2


def test_of_writers_that_never_rest_each_gets_its_turn(new_home):
    turns: list[int] = []

    def write(number: int) -> None:
        while len(turns) < 100:
            with store.writing() as connection:
                take_turn(connection)
                turns.append(number)
                time.sleep(0.02)
            time.sleep(0.002)

    with Store.open(new_home()) as store, ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    for number in range(WRITERS):
        mine = [-1, *(at for at, turn in enumerate(turns) if turn == number), len(turns)]
        assert max(later - earlier for earlier, later in pairwise(mine)) < 50
