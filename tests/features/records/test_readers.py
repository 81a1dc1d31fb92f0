from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from features.errors import TidewaiterError
from features.records.files import check_file
from features.records.readers.kcs import read_kcs
from tests.features.conftest import declaration

ROWS = [declaration(i, "2026-01-01T10:00") for i in range(3)]
KCS_HEADER = (
    "Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,"
    "Mode of Transport,"
    "Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,Country of Departure,Country of Origin,"
    "Tax Rate,Tax Type,Country of Origin Indicator,Net Mass,Item Price,Fraud,Critical Fraud"
)
KCS_ROW = "1,2020-02-20,40,B,11,21,11,40,D,I,S,C,870323,CN,CN,8.0,A,Y,10.0,100.0,{},{}"


def write_csv(path: Path, separator: str = ",") -> Path:
    pd.DataFrame(ROWS).to_csv(path, index=False, sep=separator)
    return path


def write_jsonl(path: Path) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n")
    return path


def write_parquet(path: Path) -> Path:
    pd.DataFrame(ROWS).to_parquet(path)
    return path


def test_every_format_reads_the_same_records(tmp_path):
    files = [
        write_csv(tmp_path / "a.csv"),
        write_csv(tmp_path / "b.csv", ";"),
        write_csv(tmp_path / "c.tsv", "\t"),
        write_jsonl(tmp_path / "d.jsonl"),
        write_parquet(tmp_path / "e.parquet"),
    ]
    first, *others = [check_file(path)["declarations"].accepted for path in files]
    assert len(first) == 3
    for other in others:
        pd.testing.assert_frame_equal(first, other)


def test_a_row_with_too_few_columns_is_rejected_and_the_rest_goes_through(tmp_path):
    path = write_csv(tmp_path / "declarations.csv")
    lines = path.read_text().splitlines()
    lines[2] = "D1,broken"
    path.write_text("\n".join(lines))
    checked = check_file(path)["declarations"]
    assert checked.accepted.index.tolist() == [1, 3]
    assert [(r.index, r.code) for r in checked.rejected] == [(2, "columns")]


def test_a_line_that_is_no_json_is_rejected_and_the_rest_goes_through(tmp_path):
    path = write_jsonl(tmp_path / "declarations.jsonl")
    path.write_text(path.read_text() + "{broken\n[1]\n")
    checked = check_file(path)["declarations"]
    assert len(checked.accepted) == 3
    assert [(r.index, r.code) for r in checked.rejected] == [(4, "json"), (5, "json")]


def test_bytes_that_are_not_utf8_fail_their_own_row_only(tmp_path):
    path = write_csv(tmp_path / "declarations.csv")
    path.write_bytes(path.read_bytes().replace(b"D1,", b"D\xff1,"))
    checked = check_file(path)["declarations"]
    assert checked.accepted["declaration_id"].tolist() == ["D0", "D2"]
    assert [(r.index, r.field) for r in checked.rejected] == [(2, "declaration_id")]


def test_items_far_apart_in_a_file_stand_or_fall_together(tmp_path, monkeypatch):
    monkeypatch.setattr("features.records.readers.batches.BATCH_ROWS", 2)
    monkeypatch.setattr("features.records.readers.tabular.BATCH_ROWS", 2)
    rows = [*ROWS, declaration(0, "2026-01-01T10:00", item_number=2, net_mass_kg=-1)]
    path = tmp_path / "declarations.parquet"
    pd.DataFrame(rows).to_parquet(path)
    checked = check_file(path)["declarations"]
    assert checked.accepted["declaration_id"].tolist() == ["D1", "D2"]
    assert sorted(checked.raw) == [1, 4]


def test_a_file_of_no_known_kind_names_what_it_lacks(tmp_path):
    path = tmp_path / "things.csv"
    path.write_text("declaration_id,importer_id\nD,I\n")
    with pytest.raises(TidewaiterError, match="without its required columns"):
        check_file(path)


def test_a_missing_file_and_an_unknown_format_are_named(tmp_path):
    with pytest.raises(TidewaiterError, match="no such file"):
        check_file(tmp_path / "absent.csv")
    with pytest.raises(TidewaiterError, match="expected --format"):
        check_file(tmp_path / "absent.xlsx")


def kcs(tmp_path: Path, *rows: str, header: str = KCS_HEADER) -> Path:
    path = tmp_path / "release.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_the_korean_release_gives_a_declaration_and_its_inspection(tmp_path):
    files = check_file(kcs(tmp_path, KCS_ROW.format(1, 2)), "kcs")
    (declared,) = files["declarations"].accepted.to_dict("records")
    (inspected,) = files["inspections"].accepted.to_dict("records")
    assert (declared["currency"], declared["item_number"], declared["transport_mode"]) == (
        "KRW",
        1,
        "4",
    )
    assert declared["known_at"] == declared["occurred_at"] == pd.Timestamp("2020-02-20", tz="UTC")
    assert (declared["exporter_id"], declared["carrier_id"]) == ("S", "C")
    assert inspected["known_at"] == pd.Timestamp("2020-03-05", tz="UTC")
    assert (inspected["result"], inspected["offence"]) == ("offence", "critical")
    assert inspected["subject_id"] == "1"


def test_the_korean_release_may_come_without_labels(tmp_path):
    header = KCS_HEADER.removesuffix(",Fraud,Critical Fraud")
    row = KCS_ROW.removesuffix(",{},{}")
    assert set(check_file(kcs(tmp_path, row, header=header), "kcs")) == {"declarations"}


def test_an_impossible_date_of_the_release_rejects_its_row_once(tmp_path):
    bad = KCS_ROW.format(0, 0).replace("2020-02-20", "2020-02-30")
    files = check_file(kcs(tmp_path, bad), "kcs")
    assert files["declarations"].rows_rejected == 1
    assert files["inspections"].rows_rejected == 0
    assert files["inspections"].accepted.empty


def test_another_file_is_not_taken_for_the_release(tmp_path):
    with pytest.raises(TidewaiterError, match="no column 'Declaration ID'"):
        list(read_kcs(write_csv(tmp_path / "a.csv")))


def test_an_empty_file_is_named(tmp_path):
    path = tmp_path / "declarations.csv"
    path.write_text("")
    with pytest.raises(TidewaiterError, match="header line"):
        check_file(path)


def test_a_file_of_links_is_of_no_kind_that_is_filed(tmp_path):
    path = tmp_path / "links.csv"
    path.write_text("party_id,linked_party_id,probability,known_at\nA,B,1,2026-01-01\n")
    with pytest.raises(TidewaiterError, match=r"closest to \w+, but without"):
        check_file(path)
