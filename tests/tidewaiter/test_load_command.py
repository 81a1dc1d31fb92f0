"""`tidewaiter load`: bad rows are named and kept aside, good ones go in, once."""

import json
import math
import re
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from features.home import Home
from features.store import Store
from tests.tidewaiter.commands import CommandLine

pytestmark = pytest.mark.xdist_group("load")
GOOD = {
    "declaration_id": "D0",
    "occurred_at": "2026-01-05T10:00:00Z",
    "importer_id": "NL823344112",
    "hs_code": "080390",
    "origin_country": "EC",
    "net_mass_kg": 19800.0,
    "customs_value": 14100.0,
    "currency": "EUR",
}
# Row in the file: the field changed, its value, and how the value is said.
BAD = {
    2: ("origin_country", "XQ", "'XQ'"),
    3: ("net_mass_kg", math.nan, "nan"),
    5: ("occurred_at", "2026-02-30T10:00:00Z", "'2026-02-30T10:00:00Z'"),
    6: ("importer_id", "", "''"),
}
GOOD_ROWS = [row for row in range(1, 8) if row not in BAD]


def rows():
    """Seven declarations: the bad ones are bad in one field each."""
    changes = {row: {field: value} for row, (field, value, _) in BAD.items()}
    return [GOOD | {"declaration_id": f"D{row}"} | changes.get(row, {}) for row in range(1, 8)]


def write_csv(path, records):
    pd.DataFrame(records).to_csv(path, index=False, na_rep="NaN")


def write_jsonl(path, records):
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))


def write_parquet(path, records):
    # pandas would write NaN as missing; a file of another tool may hold it.
    from pyarrow import Table, parquet

    parquet.write_table(Table.from_pylist(records), path)


WRITERS = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}


def content(home):
    """Everything in the store's database, tiles and facts included."""
    with closing(sqlite3.connect(home / "tidewaiter.db")) as database:
        return sorted(database.iterdump())


def stored(home):
    with Store.open(Home(home)) as store:
        return sorted(store.read("declarations")["declaration_id"])


@pytest.fixture(scope="module", params=WRITERS)
def loaded(request, tmp_path_factory):
    """A file of good and bad rows, loaded: the command line, the file, what it said."""
    folder = tmp_path_factory.mktemp("load")
    path = folder / f"goods.{request.param}"
    WRITERS[request.param](path, rows())
    run = CommandLine(folder / "home")
    return run, path, run("load", path, status=1)


def test_each_bad_row_is_named_with_file_row_field_and_what_came(loaded):
    _, path, ran = loaded
    said = [line for line in ran.stderr.splitlines() if line.startswith(str(path))]
    assert len(said) == len(BAD)
    for line, (row, (field, _, came)) in zip(said, BAD.items(), strict=True):
        assert line.startswith(f"{path}: row {row}: {field}: ")
        assert line.lower().endswith(f"came {came}".lower()) or line.lower().endswith(
            f"came '{came}'"
        )


def test_the_rest_of_the_file_is_in_the_store(loaded):
    run, _, ran = loaded
    assert stored(run.home) == [f"D{row}" for row in GOOD_ROWS]
    assert "3 accepted (3 new, 0 amended, 0 unchanged), 4 rejected" in ran.stdout


def test_rejected_rows_are_kept_whole_with_their_reasons_in_a_file_it_names(loaded):
    run, path, ran = loaded
    [aside] = (run.home / "rejected").iterdir()
    assert str(aside) in ran.stdout
    kept = [json.loads(line) for line in aside.read_text().splitlines()]
    assert [entry["row"] for entry in kept] == list(BAD)
    for entry, (row, (field, value, _)) in zip(kept, BAD.items(), strict=True):
        assert (entry["file"], entry["kind"]) == (str(path), "declarations")
        assert [reason["field"] for reason in entry["reasons"]] == [field]
        assert all(reason["code"] and reason["detail"] for reason in entry["reasons"])
        assert entry["record"]["declaration_id"] == f"D{row}"
        assert str(entry["record"][field]).lower() == str(value).lower()


def test_the_same_file_again_changes_nothing_in_the_whole_store(loaded):
    run, path, _ = loaded
    before = content(run.home)
    assert any('INSERT INTO "tiles_importer' in line for line in before)
    again = run("load", path, status=1)
    assert "3 accepted (0 new, 0 amended, 3 unchanged), 4 rejected" in again.stdout
    assert content(run.home) == before


def test_a_folder_is_loaded_file_by_file_whatever_their_formats(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, (suffix, write) in enumerate(WRITERS.items(), start=1):
        write(folder / f"part.{suffix}", [GOOD | {"declaration_id": f"F{number}"}])
    (folder / "notes.txt").write_text("not a file of records")
    run = CommandLine(tmp_path / "home")
    ran = run("load", folder)
    named = re.findall(r"^(part\.\w+): declarations: 1 accepted", ran.stdout, re.MULTILINE)
    assert named == ["part.csv", "part.jsonl", "part.parquet"]
    assert stored(run.home) == ["F1", "F2", "F3"]
    assert not (run.home / "rejected").exists()


def test_a_missing_file_is_one_clear_line(tmp_path):
    absent = tmp_path / "absent.csv"
    ran = CommandLine(tmp_path / "home")("load", absent, status=1)
    told = [line for line in ran.stderr.splitlines() if str(absent) in line]
    assert told == [f"tidewaiter: {absent}: no such file"]
    assert ran.stdout == ""


def test_items_that_cannot_be_told_apart_are_kept_aside_and_nothing_is_lost(tmp_path):
    tidewaiter, file = CommandLine(tmp_path / "home"), tmp_path / "items.csv"
    other = {"hs_code": "870323", "customs_value": 9_000.0}
    write_csv(file, [GOOD, GOOD | other, GOOD | {"declaration_id": "D1"}])
    told = tidewaiter("load", file, status=1)
    assert stored(tidewaiter.home) == ["D1"]
    for row in (1, 2):
        assert f"row {row}" in told.stderr
    assert "expected each declaration_id and item_number once" in told.stderr
    [kept] = (tidewaiter.home / "rejected").iterdir()
    values = [json.loads(line)["record"]["customs_value"] for line in kept.read_text().splitlines()]
    assert sorted(map(float, values)) == [9_000.0, 14_100.0]
    write_csv(file, [GOOD | {"item_number": 1}, GOOD | other | {"item_number": 2}])
    tidewaiter("load", file)
    assert stored(tidewaiter.home) == ["D0", "D0", "D1"]


def test_a_record_twice_in_a_file_is_one_and_told_otherwise_later_it_has_two_versions(tmp_path):
    tidewaiter, file = CommandLine(tmp_path / "home"), tmp_path / "items.csv"
    dated = GOOD | {"known_at": "2026-01-05T10:00:00Z"}
    later = dated | {"customs_value": 9_000.0, "known_at": "2026-01-06T10:00:00Z"}
    write_csv(file, [dated, dated, later])
    tidewaiter("load", file)
    with Store.open(Home(tidewaiter.home)) as store:
        assert store.versions("declarations")["customs_value"].tolist() == [14_100.0, 9_000.0]


def test_columns_that_are_no_fields_are_named_not_left_out_in_silence(tmp_path):
    run = CommandLine(tmp_path / "home")
    write_csv(tmp_path / "goods.csv", [GOOD | {"net_mass": 3.0, "remark": "fragile"}])
    assert "left out: net_mass, remark" in run("load", tmp_path / "goods.csv").stdout
    write_csv(tmp_path / "again.csv", [GOOD])
    assert "left out" not in run("load", tmp_path / "again.csv").stdout


def test_a_file_without_records_is_said_to_have_none(tmp_path):
    run = CommandLine(tmp_path / "home")
    (tmp_path / "declarations.csv").write_text(f"{','.join(GOOD)}\n")
    (tmp_path / "crossings.jsonl").write_text("\n")
    told = run("load", tmp_path / "declarations.csv", tmp_path / "crossings.jsonl")
    assert told.stdout.splitlines() == [
        f"{name}: records: 0 accepted (0 new, 0 amended, 0 unchanged), 0 rejected"
        for name in ("declarations.csv", "crossings.jsonl")
    ]


def test_a_correction_without_a_time_of_its_own_is_refused_not_ignored(tmp_path):
    run = CommandLine(tmp_path / "home")
    write_csv(tmp_path / "goods.csv", [GOOD | {"declaration_id": f"D{i}"} for i in range(3)])
    run("load", tmp_path / "goods.csv")
    before = content(run.home)
    corrected = [
        GOOD | {"declaration_id": f"D{i}", "net_mass_kg": 1.0 * (i > 1) or 19800.0}
        for i in range(3)
    ]
    write_csv(tmp_path / "corrected.csv", corrected)
    told = run("load", tmp_path / "corrected.csv", status=1)
    assert "2 accepted (0 new, 0 amended, 2 unchanged), 1 rejected" in told.stdout
    assert "row 3: known_at: expected another time" in told.stderr
    assert "'2026-01-05T10:00:00+00:00'" in told.stderr
    assert content(run.home) == before
    [line] = next((run.home / "rejected").glob("*.jsonl")).read_text().splitlines()
    assert (json.loads(line)["row"], json.loads(line)["record"]["net_mass_kg"]) == (3, 1.0)
    dated = [row | {"known_at": "2026-01-06T10:00:00Z"} for row in corrected]
    write_csv(tmp_path / "dated.csv", dated)
    assert "1 amended, 2 unchanged), 0 rejected" in run("load", tmp_path / "dated.csv").stdout
