from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.records import check_rows
from tests.features.records.drawn import example


def reasons(**changes: object) -> list[tuple[str, str]]:
    checked = check_rows("payments", [example("payments", **changes)])
    return [(rejection.field, rejection.code) for rejection in checked.rejected]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("amount", "-Infinity", "finite_number"),
        ("amount", True, "number"),
        ("amount", "much", "float_parsing"),
        ("currency", "EURO", "currency"),
        ("debtor_id", "--", "identifier"),
        ("creditor_country", "XQ", "country"),
        ("debtor_country", "Netherlands", "country"),
    ],
)
def test_a_bad_value_is_rejected_with_its_field_and_code(field, value, code):
    assert reasons(**{field: value}) == [(field, code)]


@given(st.floats(-1e15, 1e15))
def test_an_amount_is_good_where_it_is_not_negative(amount):
    assert reasons(amount=amount) == ([] if amount >= 0 else [("amount", "greater_than_equal")])


def test_a_payment_that_names_no_declaration_is_taken_in():
    assert reasons(declaration_id=None, method=None) == []
