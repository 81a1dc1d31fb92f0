"""The catalogue on a real local Spark, row by row beside DuckDB."""

from __future__ import annotations

import random
from datetime import date

import pandas as pd
import pytest

from features.batch import compute
from features.catalog import feature_set
from features.errors import TidewaiterError
from features.records import KINDS
from features.records.files import check_file
from features.spark import feature_files, local_session
from tests.features.tables import assert_same_features
from tests.features.worlds import START, frame, in_versions
from training.simulation import simulate

SHIPMENTS = feature_set("shipments")
pytestmark = pytest.mark.xdist_group("spark")


def tied_records(count: int = 60) -> dict[str, pd.DataFrame]:
    """Make records dense in ties, missing keys, zero masses, amendments and days at the edge."""
    draw = random.Random(0)  # noqa: S311 - the same records every time
    hours = [0, 1, 23.999, 24, 24 * 29, 24 * 30, 24 * 31, 24 * 90, 24 * 364, 24 * 365, 24 * 366]
    rows, inspections = [], []
    for number in range(count):
        known_at = START + pd.Timedelta(hours=draw.choice(hours))
        shipment = {
            "declaration_id": f"T{number}",
            "occurred_at": known_at,
            "known_at": known_at,
            "importer_id": draw.choice(["A", "B"]),
            "exporter_id": draw.choice(["X", "Y", None]),
            "carrier_id": draw.choice(["C", None]),
            "office_id": draw.choice(["O1", None]),
            "currency": "EUR",
        }
        rows += [
            shipment
            | {
                "item_number": item,
                "hs_code": draw.choice(["87032310", "870323", "010121"]),
                "origin_country": draw.choice(["CN", "DE"]),
                "departure_country": draw.choice(["CN", "NL", None]),
                "net_mass_kg": draw.choice([0.0, 0.5, 3.0, 1000.0]),
                "customs_value": draw.choice([0.0, 1.5, 70.0, 123456.0]),
            }
            for item in range(1, draw.randint(1, 3) + 1)
        ]
        inspections.append(
            {
                "inspection_id": f"TI{number}",
                "subject": "shipments",
                "subject_id": f"T{draw.randrange(count + 3)}",
                "item_number": draw.choice([None, 1, 2]),
                "known_at": START + pd.Timedelta(hours=draw.choice(hours)),
                "result": draw.choice(["clear", "offence", "inconclusive"]),
            }
        )
    rows += [
        row | {"known_at": START + pd.Timedelta(hours=draw.choice(hours)), "customs_value": 9.0}
        for row in rows[::4]
    ]
    return {
        "declarations": in_versions(
            frame("declarations", rows), list(KINDS["declarations"].identity)
        ),
        "inspections": in_versions(frame("inspections", inspections), ["inspection_id"]),
    }


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> dict[str, pd.DataFrame]:
    """Simulated records beside the tied ones."""
    folder = tmp_path_factory.mktemp("raw")
    simulate(folder, days=20, end=date(2026, 1, 20), seed=0, scale=0.1, progress=lambda _: None)
    tied = tied_records()
    return {
        kind: pd.concat(
            [check_file(folder / f"{kind}.parquet", None)[kind].accepted, tied[kind]],
            ignore_index=True,
        )
        for kind in tied
    }


@pytest.fixture(scope="module")
def session():
    with local_session() as session:
        yield session


@pytest.fixture(scope="module")
def table(session, records, tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("files")
    for kind, rows in records.items():
        # A kind may be a file, or a folder of files.
        (folder / f"{kind}.parquet").mkdir()
        half = len(rows) // 2
        for part, some in enumerate((rows.iloc[:half], rows.iloc[half:])):
            some.to_parquet(folder / f"{kind}.parquet" / f"{part}.parquet", index=False)
    told: list[float] = []
    rows = feature_files(session, "shipments", folder, folder / "features", told.append)
    assert rows == len(current(records))
    assert told == sorted(told)
    assert told[-1] == 1.0
    return pd.read_parquet(folder / "features")


def current(records: dict[str, pd.DataFrame]) -> pd.DataFrame:
    in_force = records["declarations"]["superseded_at"].isna()
    return records["declarations"][in_force].drop(columns="superseded_at")


def test_spark_gives_the_table_of_duckdb(table, records):
    order = ["known_at", *KINDS["declarations"].identity]
    asked = current(records).sort_values(order, ignore_index=True)
    expected = compute(SHIPMENTS, records, asked)
    assert list(table.dtypes) == list(expected.dtypes)
    assert_same_features(table, expected)


def test_every_feature_has_values_to_compare(table):
    empty = [name for name in SHIPMENTS.names if table[name].isna().all()]
    assert set(empty) <= {"tax_type", "import_type", "import_use", "process_type"} | {
        "payment_type",
        "origin_indicator",
    }


def test_a_record_that_stands_twice_is_named(session, records, tmp_path):
    twice = pd.concat([current(records).iloc[[0]]] * 2)
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
