"""Every kind of record in the store: read back as filed, amended, withdrawn, once however often."""

from __future__ import annotations

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from features.records import KINDS, check_rows, pseudonymise
from features.store import Store, Taken
from tests.features.records.drawn import example
from tests.features.worlds import frame

KNOWN = "2026-04-01T00:00:00Z"
LATER = "2026-04-02T00:00:00Z"
FULL = {
    "declarations": {"exporter_id": "X", "gross_mass_kg": 12.5, "item_number": 2},
    "movements": {"seal_state": "broken", "due_at": "2026-03-06T12:00:00.000001Z"},
    "crossings": {"vehicle_id": "12-ABC-3", "driver_nationality": "NL", "occupants": 0},
    "payments": {"debtor_country": "NL", "method": "transfer"},
    "inspections": {"item_number": 3, "selection_probability": 0.02},
    "parties": {"address": "Kade 1", "registration_number": "24", "country": "NL"},
    "links": {"occurred_at": "2026-03-31T00:00:00Z"},
}
AMENDED = {
    "declarations": {"customs_value": 1.0},
    "movements": {"gross_mass_kg": 1.0},
    "crossings": {"occupants": 9},
    "payments": {"amount": 1.0},
    "inspections": {"result": "inconclusive"},
    "parties": {"name": "Another Name"},
    "links": {"probability": 0.99},
}


def rows(kind: str, **changes: object) -> pd.DataFrame:
    """A record with most fields, and one with the required ones only."""
    bare = example(kind, known_at=KNOWN, **{KINDS[kind].identity[0]: "BARE-1"})
    return frame(kind, [example(kind, known_at=KNOWN, **FULL[kind]) | changes, bare])


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_taken_in_is_read_back(new_home, kind):
    filed = rows(kind)
    with Store.open(new_home()) as store:
        assert store.take_in(kind, filed) == Taken(2, 0, 0)
        pd.testing.assert_frame_equal(store.read(kind, sealed=True), filed)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_again_changes_nothing_and_other_content_is_a_version(new_home, kind):
    with Store.open(new_home()) as store:
        store.take_in(kind, rows(kind))
        assert store.take_in(kind, rows(kind, known_at=LATER)) == Taken(0, 2, 0)
        (name, value) = next(iter(AMENDED[kind].items()))
        changed = rows(kind, known_at=LATER, **AMENDED[kind])
        assert store.take_in(kind, changed) == Taken(0, 1, 1)
        now = store.read(kind, sealed=True)
        assert len(now) == 2
        assert value in set(now[name].dropna())
        before = store.read(kind, pd.Timestamp(LATER).to_pydatetime(), sealed=True)
        pd.testing.assert_frame_equal(before, rows(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_withdrawal_is_a_version_of_its_record(new_home, kind):
    with Store.open(new_home()) as store:
        store.take_in(kind, rows(kind))
        assert store.take_in(kind, rows(kind, known_at=LATER, cancelled=True)) == Taken(0, 1, 1)
        assert sorted(store.versions(kind)["cancelled"]) == [False, False, True]
        assert len(store.read(kind)) == 1
        before = store.read(kind, pd.Timestamp(LATER).to_pydatetime())
        assert not before["cancelled"].any()


def test_events_of_a_movement_are_told_apart_by_event_office_and_time(new_home):
    told_apart = [
        {},
        {"event": "arrival"},
        {"office_id": "DE004851"},
        {"occurred_at": "2026-03-02T09:15:00.000001Z"},
    ]
    events = frame("movements", [example("movements", **change) for change in told_apart])
    with Store.open(new_home()) as store:
        assert store.take_in("movements", events) == Taken(4, 0, 0)
        assert store.take_in("movements", events) == Taken(0, 4, 0)
        again = frame("movements", [example("movements", gross_mass_kg=1, known_at=LATER)])
        assert store.take_in("movements", again) == Taken(0, 0, 1)
        assert len(store.read("movements")) == 4


def test_sealed_fields_are_read_only_by_who_asks_for_them(new_home):
    with Store.open(new_home()) as store:
        store.take_in("parties", rows("parties"))
        assert not set(KINDS["parties"].sealed) & set(store.read("parties").columns)
        assert store.read("parties", sealed=True)["address"].tolist()[0] == "Kade 1"


def test_an_insert_that_fails_tells_no_name(new_home):
    with Store.open(new_home()) as store:
        with store.writing() as connection:
            connection.execute(text("ALTER TABLE parties DROP COLUMN country"))
        with pytest.raises(DBAPIError, match="INSERT INTO parties") as caught:
            store.take_in("parties", rows("parties", name="Jan Jansen"))
    assert "Jansen" not in str(caught.value)
    assert "Kade" not in str(caught.value)


def test_pseudonyms_join_across_kinds():
    """One party as importer, debtor and registered; one lorry declared, moved and seen."""

    def hidden(kind: str, **changes: object) -> pd.Series:
        checked = check_rows(kind, [example(kind, known_at=KNOWN, **changes)])
        return pseudonymise(checked.accepted, kind, b"key").iloc[0]

    declared = hidden("declarations", importer_id="NL 1", transport_id="12-ABC-3", carrier_id="C9")
    moved = hidden("movements", transport_id="12abc3")
    crossed = hidden("crossings", vehicle_id="12 ABC 3", carrier_id="c9", driver_id="P1")
    paid = hidden("payments", debtor_id="nl-1", creditor_id="C9")
    registered = hidden("parties", party_id="NL1")
    assert declared["importer_id"] == paid["debtor_id"] == registered["party_id"]
    assert declared["transport_id"] == moved["transport_id"] == crossed["vehicle_id"]
    assert declared["carrier_id"] == crossed["carrier_id"] == paid["creditor_id"]
    told = {*declared, *moved, *crossed, *paid, *registered}
    assert not told & {"NL1", "NL 1", "12-ABC-3", "12abc3", "12 ABC 3", "C9", "c9", "P1"}
