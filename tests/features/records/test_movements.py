from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.records import check_mappings, check_rows
from tests.features.records.drawn import MOMENTS, example

DUE = "due_before_departure"


def reasons(**changes: object) -> list[tuple[str, str]]:
    rows = [example("movements", **changes)]
    framed, plain = (check("movements", rows).rejected for check in (check_rows, check_mappings))
    assert plain == framed
    return [(rejection.field, rejection.code) for rejection in plain]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("event", "lost", "literal_error"),
        ("event", "Departure", "literal_error"),
        ("seal_state", "cut", "literal_error"),
        ("office_id", "--", "identifier"),
        ("gross_mass_kg", -0.1, "greater_than_equal"),
        ("gross_mass_kg", "inf", "finite_number"),
        ("due_at", "soon", "timestamp"),
        ("occurred_at", "1969-12-31", "timestamp"),
    ],
)
def test_a_bad_value_is_rejected_with_its_field_and_code(field, value, code):
    assert reasons(**{field: value}) == [(field, code)]


@given(st.sampled_from(["departure", "transit", "incident", "arrival"]), MOMENTS, MOMENTS)
def test_only_a_departure_may_not_be_due_before_its_own_day(event, occurred_at, due_at):
    is_early = event == "departure" and due_at.date() < occurred_at.date()
    found = reasons(event=event, occurred_at=occurred_at, due_at=due_at)
    assert found == ([("due_at", DUE)] if is_early else [])


def test_a_limit_given_as_a_date_is_the_end_of_that_day():
    assert reasons(occurred_at="2026-03-02T09:15:00Z", due_at="2026-03-02") == []
    early = check_rows(
        "movements",
        [example("movements", occurred_at="2026-03-02T09:15:00Z", due_at="2026-03-01")],
    )
    assert [(r.id, r.code, r.value) for r in early.rejected] == [
        (example("movements")["movement_id"], DUE, "2026-03-01")
    ]


def test_a_seal_of_none_is_said_and_not_missing():
    checked = check_rows("movements", [example("movements", seal_state="none")])
    assert checked.accepted["seal_state"].tolist() == ["none"]
