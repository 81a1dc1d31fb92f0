"""Amended records: what goes out of tiles, what comes in, and what is asked in between."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import text

from features.catalog import feature_set
from features.online import LiveFeatures
from features.records import kind_of
from features.store import Store, Taken
from tests.features.tables import assert_same_features
from tests.features.tiles import assert_same_tiles, rows, tiles
from tests.features.worlds import arrivals, examples, filings, frame, in_force

few = examples(6)


@pytest.fixture
def always_changed(monkeypatch):
    """Change tiles of however few facts, where what went can be taken away."""
    monkeypatch.setattr("features.store.amending.FEW", 0)


@few
@given(filings(most=5), st.randoms(use_true_random=False))
def test_tiles_that_amendments_change_are_those_made_anew(
    new_home, always_changed, versions, random
):
    filed = {kind: rows.drop(columns="superseded_at") for kind, rows in versions.items()}
    with Store.open(new_home()) as changed, Store.open(new_home()) as anew:
        for kind, rows in arrivals(filed, random):
            changed.take_in(kind, rows)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("features.store.amending.FEW", 10**6)
                anew.take_in(kind, rows)
        assert_same_tiles(changed, anew)


@pytest.mark.parametrize(("few", "counted"), [(9, 1010), (10, 10)])
def test_a_tile_is_made_anew_only_while_it_is_of_few_facts(  # nine are left
    store, monkeypatch, one_importer_at, few, counted
):
    monkeypatch.setattr("features.store.amending.FEW", few)
    hours = [f"2026-01-01T{hour:02}:00" for hour in range(10)]
    declarations = one_importer_at(hours).assign(office_id="O")
    store.take_in("declarations", declarations)
    with store.writing() as connection:
        more = "UPDATE tiles_office_items SET declarations__n = declarations__n + 1000"
        connection.execute(text(more))
    later = declarations["known_at"].max() + pd.Timedelta(hours=1)
    store.take_in("declarations", declarations.iloc[[4]].assign(known_at=later, customs_value=7.0))
    assert [row[-1] for row in tiles(store)["office_items"]] == [counted]


def test_a_huge_amount_put_right_leaves_the_digits_of_the_others(store, always_changed):
    def payment(number, amount, known_at="2026-01-01T10:00"):
        return {
            "payment_id": f"P{number}",
            "known_at": known_at,
            "occurred_at": known_at,
            "debtor_id": "A",
            "creditor_id": "B",
            "amount": amount,
            "currency": "EUR",
        }

    mistaken = [payment(number, 0.1) for number in range(5)] + [payment(5, 1e16)]
    store.take_in("payments", frame("payments", mistaken))
    right = payment(5, 0.1, "2026-01-01T11:00")
    assert store.take_in("payments", frame("payments", [right])) == Taken(0, 0, 1)
    paid = {row[0]: row[-2] for row in tiles(store)["party_transfers"]}
    assert paid["A"] == pytest.approx(0.6, rel=1e-12)


def test_what_is_new_of_a_group_that_is_amended_with_it_counts_once(store, one_importer_at):
    def inspection(number, known_at, result="clear"):
        return {
            "inspection_id": f"I{number}",
            "subject": "shipments",
            "subject_id": "D0",
            "known_at": known_at,
            "result": result,
        }

    store.take_in("declarations", one_importer_at(["2026-01-01T10:00"]))
    first = frame("inspections", [inspection(1, "2026-01-02T10:00")])
    store.take_in("inspections", first)
    later = [inspection(1, "2026-01-03T10:00", "offence"), inspection(2, "2026-01-03T11:00")]
    assert store.take_in("inspections", frame("inspections", later)) == Taken(1, 0, 1)
    found = rows(store, "facts_controls")[["inspection_id", "is_offence"]]
    assert sorted(map(tuple, found.to_numpy())) == [("I1", False), ("I1", True), ("I2", False)]


def amended(kind, rows):
    """Say something else of the last group of some records, all of them at once, a minute later."""
    group = rows[kind_of(kind).group]
    chosen = rows[group == group.iloc[-1]]
    later = rows["known_at"].max() + timedelta(minutes=1)
    word = {"declarations": {"customs_value": 77.0}, "crossings": {"occupants": 3}}[kind]
    return chosen.assign(known_at=later, **word)


@few
@given(filings(most=5), st.randoms(use_true_random=False))
def test_what_is_asked_between_is_answered_as_afterwards(new_home, subject, versions, random):
    kind = feature_set(subject).about.kind
    current = in_force(versions[kind])
    assume(not current.empty)
    filed = {each: rows.drop(columns="superseded_at") for each, rows in versions.items()}
    last = max(rows["known_at"].max() for rows in filed.values() if len(rows))
    again = amended(kind, current.assign(known_at=last))
    records = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in again.to_dict("records")
    ]
    with Store.open(new_home()) as store:
        live, between = LiveFeatures(store, subject), []
        for each, rows in arrivals(filed, random):
            store.take_in(each, rows)
        before = live.columns(records)  # and what a connection merged is kept
        with store.turn() as turn:
            turn.take_in(
                kind,
                records,
                again["known_at"].max().to_pydatetime(),
                between=lambda _: between.append(live.columns(records, turn.live)),
            )
        afterwards = pd.DataFrame(live.columns(records))
        assert_same_features(pd.DataFrame(between[0]), afterwards)
        assert before.keys() == between[0].keys()
        assert_same_features(pd.DataFrame(live.columns(records)), afterwards)


def test_nothing_is_asked_between_where_records_are_of_several_groups_or_new(
    store, one_importer_at
):
    declarations = one_importer_at(["2026-01-01T10:00", "2026-01-02T10:00"])
    at = declarations["known_at"].max() + pd.Timedelta(hours=1)
    one_of_them = declarations.assign(known_at=at)
    one_of_them.loc[1, "customs_value"] = 7.0
    asked = []
    for filed in (declarations, one_of_them, one_of_them.assign(customs_value=8.0)):
        with store.turn() as turn:
            turn.take_in("declarations", filed, at, between=asked.append)
    assert not asked
    later = declarations.head(1).assign(customs_value=9.0, known_at=at + pd.Timedelta(hours=1))
    with store.turn() as turn:
        taken = turn.take_in("declarations", later, at, between=asked.append)
    assert asked == [taken]
    with pytest.raises(RuntimeError, match="while records are taken in"):
        store.turn().live("shipments", {})


def test_what_fails_between_leaves_everything_as_it_was(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00", "2026-01-01T11:00"])
    store.take_in("declarations", declarations)
    before = tiles(store)
    at = declarations["known_at"].max() + pd.Timedelta(hours=1)
    again = declarations.head(1).assign(customs_value=8.0, known_at=at)

    def fails(_):
        raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"), store.turn() as turn:
        turn.take_in("declarations", again, at, between=fails)
    assert tiles(store) == before
    assert store.read("declarations")["customs_value"].tolist() == [100.0, 100.0]
