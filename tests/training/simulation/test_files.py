"""The files of a simulated world: which there are, when what is known, the same bytes again."""

import pandas as pd
import pytest

from features.records.files import check_file
from tests.training.simulation.conftest import END
from training.simulation import simulate

KINDS = ("crossings", "declarations", "inspections", "movements", "parties", "payments")
FILES = (
    *KINDS,
    *("truth/crossings", "truth/declarations", "truth/members", "truth/organisations"),
    *("truth/parties", "truth/payments"),
)


def read(directory, name):
    return pd.read_parquet(directory / f"{name}.parquet")


def test_same_seed_and_end_give_the_same_bytes(tmp_path):
    for name in "ab":
        simulate(tmp_path / name, days=60, end=END, seed=7, scale=0.1)
    for file in FILES:
        first, second = (tmp_path / name / f"{file}.parquet" for name in "ab")
        assert first.read_bytes() == second.read_bytes()


def test_another_seed_gives_another_world(tmp_path):
    for seed in (1, 2):
        simulate(tmp_path / str(seed), days=30, end=END, seed=seed, scale=0.1)
    first, second = (read(tmp_path / str(seed), "declarations") for seed in (1, 2))
    assert not set(first["importer_id"]) & set(second["importer_id"])


def test_counts_are_the_rows_written(tmp_path):
    counts = simulate(tmp_path, days=30, end=END, scale=0.1)
    assert counts == {kind: len(read(tmp_path, kind)) for kind in KINDS}


def test_progress_rises_to_one(tmp_path):
    seen: list[float] = []
    simulate(tmp_path, days=30, end=END, scale=0.05, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize("days", [1, 6, 30])
def test_a_world_too_small_for_a_declaration_still_has_its_files(tmp_path, days):
    simulate(tmp_path, days=days, end=END, scale=0.0005)
    assert list(read(tmp_path, "declarations").columns)[:2] == ["declaration_id", "item_number"]


@pytest.mark.parametrize("option", [{"days": 0}, {"seed": -1}, {"scale": 0.0}])
def test_an_impossible_option_is_named(tmp_path, option):
    with pytest.raises(ValueError, match=f"{next(iter(option))}: expected"):
        simulate(tmp_path, end=END, **option)


def test_there_is_a_file_a_kind_and_the_truth(world):
    found = {
        str(path.relative_to(world.directory).with_suffix(""))
        for path in world.directory.rglob("*.parquet")
    }
    assert found == set(FILES)


@pytest.mark.parametrize("kind", KINDS)
def test_records_are_in_the_order_they_became_known_and_none_after_the_end(world, kind):
    known = world[kind]["known_at"]
    assert known.is_monotonic_increasing
    assert known.max() < world.end


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "parties"])
def test_nothing_is_known_before_the_first_day(world, kind):
    assert world[kind]["known_at"].min() >= world.start


@pytest.mark.parametrize("kind", ["crossings", "declarations", "movements", "payments"])
def test_nothing_is_known_before_it_happened(world, kind):
    assert (world[kind]["known_at"] >= world[kind]["occurred_at"]).all()


@pytest.mark.parametrize(
    ("kind", "rows"),
    [("declarations", 51_000), ("crossings", 52_000), ("payments", 53_000), ("movements", 15_700)],
)
def test_half_a_world_has_half_the_rows_of_a_default_year(world, kind, rows):
    assert 0.85 * rows < len(world[kind]) < 1.15 * rows


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_of_a_kind_is_accepted_when_it_is_loaded(tmp_path, kind):
    counts = simulate(tmp_path, days=21, end=END, seed=9, scale=0.1)
    checked = check_file(tmp_path / f"{kind}.parquet")[kind]
    assert checked.rejected == []
    assert len(checked.accepted) == counts[kind]
