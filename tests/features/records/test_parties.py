from __future__ import annotations

from datetime import UTC, datetime

import pytest

from features.records import KINDS, WITHHELD, check_columns, check_rows
from tests.features.records.drawn import example

LOADED = datetime(2026, 5, 1, tzinfo=UTC)
MOMENT = "2026-04-01T00:00:00Z"


def columns(row: dict[str, object]) -> dict[str, list[object]]:
    return {name: [value] for name, value in row.items()}


def known_at(row: dict[str, object], **times: datetime) -> list[datetime]:
    return check_columns(KINDS["parties"], columns(row), 1, **times).accepted["known_at"].tolist()


def test_names_addresses_and_numbers_are_sealed_and_nothing_else_of_any_kind_is():
    assert {kind: definition.sealed for kind, definition in KINDS.items() if definition.sealed} == {
        "parties": ("name", "address", "registration_number")
    }


def test_a_party_was_known_when_it_says_else_when_registered_else_when_loaded():
    row = example("parties")
    registered = row | {"occurred_at": "2026-01-01"}
    assert known_at(registered | {"known_at": MOMENT}, loaded_at=LOADED) == [
        datetime(2026, 4, 1, tzinfo=UTC)
    ]
    assert known_at(registered, loaded_at=LOADED) == [datetime(2026, 1, 1, tzinfo=UTC)]
    assert known_at(row, loaded_at=LOADED) == [LOADED]
    assert known_at(registered, received_at=LOADED) == [LOADED]


def test_a_party_of_no_time_at_all_is_rejected():
    rejected = check_rows("parties", [example("parties")]).rejected
    assert [(r.field, r.code) for r in rejected] == [("known_at", "missing")]


@pytest.mark.parametrize("field", ["name", "address", "registration_number"])
@pytest.mark.parametrize("value", ["x" * 3_000, ["Jan", "Jansen"], {"family": "Jansen"}])
def test_what_came_in_a_sealed_field_is_kept_but_not_told(field, value):
    row = example("parties", known_at=MOMENT, **{field: value})
    (rejection,) = check_rows("parties", [row]).rejected
    assert (rejection.field, rejection.told) == (field, WITHHELD)
    assert rejection.value == value
    assert "Jan" not in rejection.detail
    assert "xx" not in rejection.detail


def test_a_name_needs_a_letter_or_a_digit():
    (rejection,) = check_rows("parties", [example("parties", known_at=MOMENT, name="--")]).rejected
    assert rejection.field == "name"


def test_what_came_in_other_fields_is_told():
    (rejection,) = check_rows(
        "parties", [example("parties", known_at=MOMENT, country="XQ")]
    ).rejected
    assert (rejection.field, rejection.told) == ("country", "XQ")
