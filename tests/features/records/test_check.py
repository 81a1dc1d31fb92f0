from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.records import KINDS, check_columns, check_rows
from tests.features.conftest import declaration


def reasons(**changes: object) -> list[tuple[str, str]]:
    checked = check_rows("declarations", [declaration(1, "2026-01-01T10:00") | changes])
    return [(rejection.field, rejection.code) for rejection in checked.rejected]


def test_a_good_row_is_typed_and_normalised():
    row = declaration(
        1, "2026-01-01T10:00", origin_country=" de ", hs_code="8703.23", net_mass_kg="1.5"
    )
    checked = check_rows("declarations", [row])
    (accepted,) = checked.accepted.to_dict("records")
    assert not checked.rejected
    assert (accepted["origin_country"], accepted["hs_code"], accepted["net_mass_kg"]) == (
        "DE",
        "870323",
        1.5,
    )
    assert accepted["known_at"] == accepted["occurred_at"] == pd.Timestamp("2026-01-01T10:00Z")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("origin_country", "XX", "country"),
        ("currency", "EURO", "currency"),
        ("hs_code", "87", "hs_code"),
        ("hs_code", "770000", "hs_code"),
        ("net_mass_kg", math.nan, "finite_number"),
        ("net_mass_kg", "NaN", "finite_number"),
        ("net_mass_kg", "-Infinity", "finite_number"),
        ("customs_value", math.inf, "finite_number"),
        ("gross_mass_kg", math.nan, "finite_number"),
        ("net_mass_kg", -1, "greater_than_equal"),
        ("net_mass_kg", True, "number"),
        ("importer_id", "", "missing"),
        ("importer_id", "  ", "missing"),
        ("importer_id", None, "missing"),
        ("importer_id", "--", "identifier"),
        ("occurred_at", "2026-02-30", "datetime_from_date_parsing"),
        ("occurred_at", 20260101, "timestamp"),
        ("occurred_at", "9999-12-31T23:59:59-14:00", "timestamp"),
        ("occurred_at", "0001-01-01T00:00:00+14:00", "timestamp"),
        ("transport_mode", "lorry", "transport_mode"),
        ("item_number", 0, "greater_than_equal"),
    ],
)
def test_a_bad_value_is_rejected_with_its_field_and_code(field, value, code):
    assert reasons(**{field: value}) == [(field, code)]


def test_zero_mass_and_zero_value_are_suspicious_not_invalid():
    assert reasons(net_mass_kg=0, customs_value=0) == []


def test_unknown_country_is_zz():
    assert reasons(origin_country="ZZ") == []


@pytest.mark.parametrize("code", ["880330", "690810", "284800", "870323", "8703231900"])
def test_goods_codes_of_editions_2012_to_2022_are_accepted(code):
    assert reasons(hs_code=code) == []


def test_every_reason_of_a_row_is_given():
    assert {field for field, _ in reasons(currency="?", importer_id=None)} == {
        "currency",
        "importer_id",
    }


def test_a_bad_item_fails_its_whole_declaration_and_nothing_else():
    rows = [
        declaration(1, "2026-01-01T10:00", item_number=1),
        declaration(1, "2026-01-01T10:00", item_number=2, net_mass_kg=-1),
        declaration(2, "2026-01-01T10:00"),
    ]
    checked = check_rows("declarations", rows)
    assert checked.accepted["declaration_id"].tolist() == ["D2"]
    assert [(r.index, r.code) for r in checked.rejected] == [
        (0, "incomplete"),
        (1, "greater_than_equal"),
    ]


def test_numbers_that_are_identifiers_lose_no_digit_and_gain_no_point():
    checked = check_rows("declarations", [declaration(1, "2026-01-01", importer_id=12345.0)])
    assert checked.accepted["importer_id"].tolist() == ["12345"]


@pytest.mark.parametrize(
    "said", ["2026-01-01T02:00:00+09:00", "2026-01-01 02:00:00+09", "2025-12-31 12:00:00.000-05"]
)
def test_offsets_are_brought_to_utc(said):
    checked = check_rows("declarations", [declaration(1, said)])
    assert checked.accepted["occurred_at"].tolist() == [pd.Timestamp("2025-12-31T17:00Z")]


@given(st.lists(st.sampled_from(["2026-01-01", "bad", None, "2026-05-05T00:00Z"]), max_size=5))
def test_rows_and_columns_are_checked_alike(times):
    rows = [declaration(i, "2026-01-01") | {"occurred_at": time} for i, time in enumerate(times)]
    by_rows = check_rows("declarations", rows)
    columns = {name: [row.get(name) for row in rows] for name in KINDS["declarations"].fields}
    by_columns = check_columns(KINDS["declarations"], columns, len(rows))
    pd.testing.assert_frame_equal(by_rows.accepted, by_columns.accepted)
    assert by_rows.rejected == by_columns.rejected
