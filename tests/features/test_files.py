"""The feature table from Parquet to Parquet, some rows at a time, beside the one of the store."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from features.batch import feature_table
from features.errors import TidewaiterError
from features.facts import SOURCES, SUBJECTS
from features.files import feature_file
from features.home import Home
from features.store import Store
from tests.features.simulated import fill
from tests.features.tables import assert_same_features
from training.simulation import simulate


@pytest.fixture(scope="module", params=["as filed", "amended"])
def written(request, tmp_path_factory):
    """The records of a store as files, and the tables of the store."""
    folder = tmp_path_factory.mktemp("files")
    simulate(folder / "raw", days=8, end=date(2026, 3, 1), seed=5, scale=0.1)
    with Store.open(Home(folder / "home").prepare()) as store:
        fill(store, folder / "raw", amended=request.param == "amended")
        store.write_versions(folder, SOURCES)
        return folder, {subject: feature_table(store, subject) for subject in SUBJECTS}


@pytest.mark.parametrize(
    ("subject", "rows_at_once"),
    [("shipments", 1), ("shipments", 97), ("shipments", 100_000), ("crossings", 97)],
)
def test_files_and_store_give_the_same_table_however_many_rows_at_once(
    written, subject, rows_at_once
):
    folder, tables = written
    expected = tables[subject]
    output = folder / f"{subject}-{rows_at_once}.parquet"
    told: list[float] = []
    rows = feature_file(subject, folder, output, told.append, rows_at_once=rows_at_once)
    table = pd.read_parquet(output)
    assert rows == len(table) == len(expected) > 100
    assert list(table.dtypes) == list(expected.dtypes)
    assert_same_features(table, expected)
    assert told == sorted(told)


def test_a_kind_may_be_a_folder_of_files_or_absent(written, tmp_path):
    folder, _ = written
    rows = pd.read_parquet(folder / "declarations.parquet")
    (tmp_path / "declarations.parquet").mkdir()
    for part in (0, 1):
        some = rows.iloc[part::2]
        some.to_parquet(tmp_path / "declarations.parquet" / f"{part}.parquet", index=False)
    count = feature_file("shipments", tmp_path, tmp_path / "features.parquet")
    assert count == (rows["superseded_at"].isna() & ~rows["cancelled"]).sum()
    assert (
        pd.read_parquet(tmp_path / "features.parquet")["importer__inspections__365d"] == 0
    ).all()


def test_no_records_make_an_empty_table(written, tmp_path):
    folder, tables = written
    none = pd.read_parquet(folder / "declarations.parquet").head(0)
    none.to_parquet(tmp_path / "declarations.parquet", index=False)
    assert feature_file("shipments", tmp_path, tmp_path / "features.parquet") == 0
    table = pd.read_parquet(tmp_path / "features.parquet")
    assert list(table.columns) == list(tables["shipments"].columns)


def test_what_is_missing_is_named(written, tmp_path):
    folder, _ = written
    with pytest.raises(TidewaiterError, match="expected Parquet files of declarations"):
        feature_file("shipments", tmp_path, tmp_path / "features.parquet")
    rows = pd.read_parquet(folder / "declarations.parquet").drop(columns="importer_id")
    rows.to_parquet(tmp_path / "declarations.parquet", index=False)
    with pytest.raises(TidewaiterError, match="expected the columns importer_id, found none"):
        feature_file("shipments", tmp_path, tmp_path / "features.parquet")


def test_a_record_that_stands_twice_is_named(written, tmp_path):
    rows = pd.read_parquet(written[0] / "declarations.parquet")
    twice = pd.concat([rows[rows["superseded_at"].isna()].iloc[[0]]] * 2)
    twice.to_parquet(tmp_path / "declarations.parquet", index=False)
    with pytest.raises(TidewaiterError, match=f"{twice['declaration_id'].iloc[0]}, .* has 2"):
        feature_file("shipments", tmp_path, tmp_path / "features.parquet")


def test_instants_without_a_time_zone_are_refused(written, tmp_path):
    rows = pd.read_parquet(written[0] / "declarations.parquet")
    naive = rows.assign(known_at=rows["known_at"].dt.tz_localize(None))
    naive.to_parquet(tmp_path / "declarations.parquet", index=False)
    with pytest.raises(TidewaiterError, match="known_at: expected instants with a time zone"):
        feature_file("shipments", tmp_path, tmp_path / "features.parquet")


@pytest.mark.parametrize("memory", ["a lot", "4XB", "10MB"])
def test_memory_that_is_none_or_too_little_is_refused(written, tmp_path, memory):
    folder, _ = written
    with pytest.raises(TidewaiterError, match=f"expected .*{memory}"):
        feature_file("shipments", folder, tmp_path / "features.parquet", memory=memory)
    assert not (tmp_path / "features.parquet").exists()
