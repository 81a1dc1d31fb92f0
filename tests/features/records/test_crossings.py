from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.records import check_rows
from tests.features.records.drawn import example


def reasons(**changes: object) -> list[tuple[str, str]]:
    checked = check_rows("crossings", [example("crossings", **changes)])
    return [(rejection.field, rejection.code) for rejection in checked.rejected]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("direction", "north", "literal_error"),
        ("occupants", -1, "greater_than_equal"),
        ("occupants", 2.5, "int_from_float"),
        ("occupants", True, "number"),
        ("occupants", "many", "int_parsing"),
        ("occupants", float("nan"), "finite_number"),
        ("driver_nationality", "Dutch", "country"),
        ("gross_mass_kg", -1, "greater_than_equal"),
        ("vehicle_id", "???", "identifier"),
    ],
)
def test_a_bad_value_is_rejected_with_its_field_and_code(field, value, code):
    assert reasons(**{field: value}) == [(field, code)]


@given(st.integers(0, 100_000), st.sampled_from([int, str, float]))
def test_occupants_are_a_whole_number_however_it_is_written(count, written):
    checked = check_rows("crossings", [example("crossings", occupants=written(count))])
    assert checked.accepted["occupants"].tolist() == [count]


def test_a_crossing_without_a_plate_or_a_driver_is_taken_in():
    checked = check_rows("crossings", [example("crossings", vehicle_id=None, driver_id="")])
    assert not checked.rejected
    assert checked.accepted[["vehicle_id", "driver_id", "occupants"]].isna().all(axis=None)
