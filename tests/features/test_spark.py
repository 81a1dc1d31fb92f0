"""The catalogue on a real local Spark, row by row beside DuckDB."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from features.batch import compute
from features.catalog import feature_set
from features.errors import TidewaiterError
from features.records import FILED
from features.records.files import check_file
from features.spark import feature_files, local_session
from tests.features.tables import assert_same_features
from tests.features.worlds import World, filing, in_force
from training.simulation import simulate

pytestmark = pytest.mark.xdist_group("spark")

# Spark compiles each query or interprets it: the first with crossings, the second with shipments,
# whose queries are twice as many and as wide, so that compiling them would take a minute.
EXECUTION = {
    "crossings": {"wholeStage": "true", "factoryMode": "FALLBACK"},
    "shipments": {"wholeStage": "false", "factoryMode": "NO_CODEGEN"},
}


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> World:
    """Simulated records beside some dense in ties, missing keys and amendments."""
    folder = tmp_path_factory.mktemp("raw")
    simulate(folder, days=20, end=date(2026, 1, 20), seed=0, scale=0.1, progress=lambda _: None)
    drawn = filing(seed=0, most=20)
    for kind in set(FILED) & set(drawn):
        filed = check_file(folder / f"{kind}.parquet", None)[kind].accepted
        drawn[kind] = pd.concat([filed, drawn[kind]], ignore_index=True)
    return drawn


@pytest.fixture(scope="module")
def session():
    with pytest.MonkeyPatch.context() as patch:
        # Code that runs once is not worth the JVM's slower, better compiler.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with local_session() as session:
            yield session


@pytest.fixture(scope="module")
def folder(records, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for kind, rows in records.items():
        # A kind may be a file, or a folder of files.
        (folder / f"{kind}.parquet").mkdir()
        half = len(rows) // 2
        for part, some in enumerate((rows.iloc[:half], rows.iloc[half:])):
            some.to_parquet(folder / f"{kind}.parquet" / f"{part}.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def table(session, records, folder, subject) -> pd.DataFrame:
    told: list[float] = []
    output = folder / f"features-{subject}"
    for name, value in EXECUTION[subject].items():
        session.conf.set(f"spark.sql.codegen.{name}", value)
    rows = feature_files(session, subject, folder, output, told.append)
    assert rows == len(current(records, subject))
    assert told == sorted(told)
    assert told[-1] == 1.0
    return pd.read_parquet(output)


def current(records: World, subject: str) -> pd.DataFrame:
    about = feature_set(subject).about
    asked = in_force(records[about.kind])
    return asked.sort_values(["known_at", *about.identity], ignore_index=True)


def test_spark_gives_the_table_of_duckdb(table, records, subject):
    expected = compute(feature_set(subject), records, current(records, subject))
    assert list(table.dtypes) == list(expected.dtypes)
    assert_same_features(table, expected)


def test_every_feature_has_values_to_compare(table, subject):
    empty = [name for name in feature_set(subject).names if table[name].isna().all()]
    assert set(empty) <= {"tax_type", "import_type", "import_use", "process_type"} | {
        "payment_type",
        "origin_indicator",
    }


def test_a_record_that_stands_twice_is_named(session, records, tmp_path):
    twice = pd.concat([current(records, "shipments").iloc[[0]]] * 2)
    twice.to_parquet(tmp_path / "declarations.parquet", index=False)
    with pytest.raises(TidewaiterError, match=twice["declaration_id"].iloc[0]):
        feature_files(session, "shipments", tmp_path, tmp_path / "features")


def test_instants_without_a_time_zone_are_refused(session, records, tmp_path):
    naive = records["declarations"].assign(
        known_at=records["declarations"]["known_at"].dt.tz_localize(None)
    )
    naive.to_parquet(tmp_path / "declarations.parquet", index=False)
    with pytest.raises(TidewaiterError, match="known_at: expected instants with a time zone"):
        feature_files(session, "shipments", tmp_path, tmp_path / "features")


def test_a_folder_without_declarations_is_named(session, tmp_path):
    with pytest.raises(TidewaiterError, match="expected Parquet files of declarations"):
        feature_files(session, "shipments", tmp_path, tmp_path / "features")
