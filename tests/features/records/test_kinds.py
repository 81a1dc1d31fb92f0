"""What holds of every kind of record."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.facts import FACTS
from features.records import (
    KINDS,
    Kind,
    check_columns,
    check_mappings,
    check_rows,
    pseudonymise,
    pseudonymise_mappings,
)
from features.store.rows import Rows
from features.store.versions import content_hashes
from tests.features.records.drawn import Row, example, good_rows
from tests.features.worlds import frame

kinds = st.sampled_from(list(KINDS))
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.just([1]),
    st.just({}),
)
EMPTY = [None, "", " ", "\t\n", "\x1c", "\u3000"]
nearly = st.sampled_from([*EMPTY, True, 0, 7, -0.0, 7.0, 0.5, "7", "\u200b", "2026-01-01", "DE"])


def reasons(kind: str, **changes: object) -> list[tuple[str, str]]:
    checked = check_rows(kind, [example(kind, **changes)])
    return [(rejection.field, rejection.code) for rejection in checked.rejected]


def required(kind: str) -> list[str]:
    return [name for name, info in KINDS[kind].fields.items() if info.is_required()]


def same(came: object, kept: object) -> bool:
    if came is None:
        return bool(pd.isna(kept))
    return str(came).strip() == kept if isinstance(came, str) else came == kept


def spelt(kind: Kind, row: Row) -> str:
    empty = {name: "nan" if plain is float else "" for name, plain in kind.types.items()}
    said = [
        empty[name] if row[name] is None else str(row[name])
        for name in kind.fields
        if name not in {"known_at", "cancelled"}
    ]
    text = "\x1f".join(said + ["cancelled"] * row["cancelled"])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def test_the_required_fields_are_those_of_the_design():
    assert {kind: required(kind) for kind in KINDS} == {
        "declarations": [
            "declaration_id",
            "occurred_at",
            "importer_id",
            "hs_code",
            "origin_country",
            "net_mass_kg",
            "customs_value",
            "currency",
        ],
        "movements": ["movement_id", "event", "occurred_at", "office_id"],
        "crossings": ["crossing_id", "post_id", "occurred_at", "direction"],
        "payments": ["payment_id", "occurred_at", "debtor_id", "creditor_id", "amount", "currency"],
        "inspections": ["inspection_id", "subject", "subject_id", "known_at", "result"],
        "parties": ["party_id", "name"],
        "links": ["party_id", "linked_party_id", "probability", "known_at"],
    }


@given(kinds.flatmap(lambda kind: st.tuples(st.just(kind), good_rows(kind))))
def test_a_good_record_is_accepted_as_it_came(drawn):
    kind, row = drawn
    checked = check_rows(kind, [row])
    assert not checked.rejected
    (accepted,) = checked.accepted.to_dict("records")
    defaults = {"known_at": row.get("occurred_at"), "item_number": 1, "cancelled": False}
    for name, kept in accepted.items():
        came = row.get(name)
        if came is None and not (kind == "inspections" and name == "item_number"):
            came = defaults.get(name)
        assert same(came, kept), name
    assert pd.notna(accepted["known_at"])


@given(
    kinds.flatmap(
        lambda kind: st.tuples(st.just(kind), good_rows(kind), st.sampled_from(required(kind)))
    ),
    st.sampled_from([None, "", "  "]),
)
def test_a_record_without_a_required_field_is_rejected_for_that_alone(drawn, nothing):
    kind, row, name = drawn
    checked = check_rows(kind, [row | {name: nothing}])
    assert [(r.field, r.code) for r in checked.rejected] == [(name, "missing")]
    assert checked.accepted.empty


@given(
    kinds.flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            st.lists(
                st.fixed_dictionaries({}, optional=dict.fromkeys(KINDS[kind].fields, anything)),
                max_size=2,
            ),
        )
    )
)
def test_every_row_is_accepted_or_rejected_and_none_is_lost(drawn):
    kind, rows = drawn
    checked = check_rows(kind, rows)
    rejected = {rejection.index for rejection in checked.rejected}
    assert rejected | set(checked.accepted.index) == set(range(len(rows)))
    assert not rejected & set(checked.accepted.index)


@given(
    st.sampled_from(sorted(KINDS)).flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            st.lists(
                good_rows(kind)
                | good_rows(kind).map(lambda row: row | {"known_at": "never"})
                | st.builds(
                    dict.__or__,
                    good_rows(kind),
                    st.dictionaries(st.sampled_from(list(KINDS[kind].fields)), nearly, max_size=3),
                )
                | st.fixed_dictionaries({}, optional=dict.fromkeys(KINDS[kind].fields, anything)),
                max_size=3,
            ),
        )
    ),
    st.none() | st.just(datetime(2026, 5, 1, tzinfo=UTC)),
)
def test_mappings_are_checked_and_pseudonymised_as_frames_are(drawn, received_at):
    kind, rows = drawn
    framed, plain = (check(kind, rows, received_at) for check in (check_rows, check_mappings))
    assert plain.rejected == framed.rejected
    assert list(plain.accepted) == framed.accepted.index.tolist()
    hidden = pseudonymise(framed.accepted, kind, b"key")
    mappings = pseudonymise_mappings(plain.accepted.values(), kind, b"key")
    assert Rows.of(mappings, KINDS[kind]) == Rows.of(hidden, KINDS[kind])


@given(kinds.flatmap(lambda kind: st.tuples(st.just(kind), good_rows(kind))), st.data())
def test_what_is_brought_empty_is_as_if_not_brought(drawn, data):
    kind, row = drawn
    absent = [name for name in KINDS[kind].fields if row.get(name) is None]
    brought = {name: data.draw(st.sampled_from(EMPTY)) for name in absent}
    assert check_mappings(kind, [row | brought]) == check_mappings(kind, [row])


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"declarations"}))
def test_a_bad_record_takes_no_other_of_its_identifier_along(kind):
    name = required(kind)[-1]
    good = example(kind, known_at="2026-04-01")
    checked = check_rows(kind, [good, good | {name: None}])
    assert checked.accepted.index.tolist() == [0]
    assert [rejection.index for rejection in checked.rejected] == [1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("came", [True, "true", "True", "1", 1, 1.0, False, "false", 0, "", None])
def test_any_record_may_be_cancelled(kind, came):
    checked = check_rows(kind, [example(kind, cancelled=came, known_at="2026-04-01")])
    assert checked.accepted["cancelled"].tolist() == [came not in {False, "false", "", None}]
    assert checked.accepted["cancelled"].dtype == bool


def test_text_that_not_every_store_can_keep_is_rejected():
    found = reasons("crossings", crossing_id="A\0", vehicle_class="van\0", carrier_id="C\0")
    assert found == [("crossing_id", "nul"), ("vehicle_class", "nul"), ("carrier_id", "nul")]


def test_a_flag_is_true_or_false():
    assert reasons("crossings", cancelled="perhaps") == [("cancelled", "bool_parsing")]
    assert reasons("crossings", cancelled=float("nan")) == [("cancelled", "finite_number")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancelled_record_says_something_else(kind):
    good = example(kind, known_at="2026-04-01")
    filed = frame(kind, [good, good | {"cancelled": False}, good | {"cancelled": True}])
    plain, same_again, cancelled = content_hashes(filed, KINDS[kind])
    assert plain == same_again != cancelled


@given(kinds.flatmap(lambda kind: st.tuples(st.just(kind), st.lists(good_rows(kind), max_size=3))))
def test_a_hash_is_of_what_each_field_says_but_when_it_was_known(drawn):
    kind, rows = drawn
    records = list(check_mappings(kind, rows).accepted.values())
    assert content_hashes(records, KINDS[kind]) == [spelt(KINDS[kind], row) for row in records]


@given(st.lists(st.sampled_from(["in", "bad", None, "out"]), max_size=5))
def test_rows_and_columns_are_checked_alike(directions):
    rows = [
        example("crossings", crossing_id=f"X{i}", direction=direction)
        for i, direction in enumerate(directions)
    ]
    by_rows = check_rows("crossings", rows)
    columns = {name: [row.get(name) for row in rows] for name in KINDS["crossings"].fields}
    by_columns = check_columns(KINDS["crossings"], columns, len(rows))
    pd.testing.assert_frame_equal(by_rows.accepted, by_columns.accepted)
    assert by_rows.rejected == by_columns.rejected


def test_every_field_says_what_it_means():
    for kind in KINDS.values():
        assert all(info.description for info in kind.fields.values())


@pytest.mark.parametrize(
    ("kind", "standard"),
    [
        ("declarations", "wco"),
        ("movements", "ncts"),
        ("crossings", "paxlst"),
        ("payments", "goaml"),
    ],
)
def test_a_required_field_names_its_element_in_the_standard_of_its_kind(kind, standard):
    for name in required(kind):
        extra = KINDS[kind].fields[name].json_schema_extra
        assert f"{standard}_element" in extra, name


def test_no_fact_is_made_from_a_nationality_or_a_sealed_field():
    closed = {"driver_nationality", *KINDS["parties"].sealed}
    for facts in FACTS.values():
        assert "parties" not in facts.kinds
        assert not closed & set(facts.columns)
