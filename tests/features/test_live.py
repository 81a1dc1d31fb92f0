"""One record and many, as mappings and as a frame: one answer, found by keys alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.catalog import feature_set
from features.facts import FACTS
from features.online import LiveFeatures
from features.store import Store
from features.store.lookups import live_features
from tests.benchmarks.worlds import checked, simulated
from tests.features.tables import assert_same_features
from tests.features.worlds import history


@pytest.fixture(scope="module")
def filled(new_home, tmp_path_factory):
    frames = checked(simulated(tmp_path_factory.mktemp("world"), 800, 5, date(2026, 1, 1)))
    with Store.open(new_home()) as store:
        for kind, frame in frames.items():
            store.take_in(kind, frame)
        yield store, frames["declarations"].tail(60).reset_index(drop=True)


def plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Write a frame as records, without the fields a record lacks."""
    return [
        {name: value for name, value in row.items() if not pd.isna(value)}
        for row in frame.to_dict("records")
    ]


def assert_equal(columns: dict[str, np.ndarray], table: pd.DataFrame) -> None:
    assert list(columns) == list(table.columns)
    for name, values in columns.items():
        expected = table[name]
        if name == "known_at":
            expected = expected.dt.tz_localize(None)
        if expected.dtype == "str":
            expected = expected.astype(object).where(expected.notna(), None)
        np.testing.assert_array_equal(values, expected.to_numpy(), err_msg=name)


def test_mappings_and_a_frame_get_the_same_features(filled):
    store, asked = filled
    live = LiveFeatures(store, "shipments")
    assert_equal(live.columns(plain(asked)), live.table(asked))


def test_a_record_gets_alone_what_it_gets_among_others(filled):
    store, asked = filled
    live = LiveFeatures(store, "shipments")
    together = live.table(asked)
    for shipment, rows in asked.groupby("declaration_id"):
        alone = live.table(rows)
        among = together[together["declaration_id"] == shipment]
        pd.testing.assert_frame_equal(alone, among.reset_index(drop=True), rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_records_are_answered_alike_before_and_after_they_are_taken_in(new_home, subject, seed):
    filed, about = history(seed, 6), feature_set(subject).about
    latest = max(rows["known_at"].max() for rows in filed.values())
    asked = filed[about.kind].assign(known_at=latest + pd.Timedelta(seconds=1))
    asked = asked[asked[about.own].isin(asked[about.own].unique()[-3:])].reset_index(drop=True)
    before = filed[about.kind][~filed[about.kind][about.own].isin(asked[about.own])]
    with Store.open(new_home()) as store:
        for kind, rows in (filed | {about.kind: before}).items():
            store.take_in(kind, rows)
        live = LiveFeatures(store, subject)
        ahead = live.table(asked)
        store.take_in(about.kind, asked)
        assert_same_features(ahead, live.table(asked))


def test_nobody_asked_gets_no_answer(filled):
    store, asked = filled
    live = LiveFeatures(store, "shipments")
    assert live.table(asked.head(0)).empty
    assert {len(values) for values in live.columns([]).values()} == {0}


@pytest.mark.parametrize("whole_today", [False, True])
@pytest.mark.parametrize("loose", [frozenset(), frozenset(FACTS)])
def test_sqlite_finds_tiles_and_facts_by_key(filled, loose, whole_today):
    store, asked = filled
    if store.engine.dialect.name != "sqlite":
        pytest.skip("the plan of SQLite")
    LiveFeatures(store, "shipments").table(asked.head(1))  # its connection has the tables to ask by
    with store.engine.connect() as connection:
        for query in live_features("shipments", "sqlite", loose, whole_today=whole_today):
            assert not run_through(connection, query)


def test_no_look_up_is_compiled_for_a_call_that_was_prepared_for(new_home, one_importer_at):
    declarations = one_importer_at(["2026-01-01T00:00", "2026-01-02T00:00", "2026-01-03T00:00"])
    first, amended, new = (declarations.iloc[[i]] for i in range(3))
    amended = amended.assign(declaration_id=first["declaration_id"].iloc[0])
    with Store.open(new_home()) as store:
        if not store.prefers_ahead:
            pytest.skip("a server's are made when it is known of which relations")
        live = LiveFeatures(store, "shipments")
        live_features.cache_clear()
        store.prepare("shipments")
        store.prepare_for_amendments("shipments")
        store.take_in("declarations", first)
        store.take_in("declarations", amended)
        made = live_features.cache_info().misses
        assert live.table(amended)["importer__declarations__30d"].tolist() == [0.0]
        assert live.table(new)["importer__declarations__30d"].tolist() == [1.0]
        assert live_features.cache_info().misses == made


def run_through(connection, query):
    """Give the steps that go to the first row of a table or an index of the store."""
    steps = connection.exec_driver_sql(f"EXPLAIN {query}").all()
    opened = {step.p1 for step in steps if step.opcode == "OpenRead" and step.p3 == 0}
    assert opened
    return [step for step in steps if step.opcode in {"Rewind", "Last"} and step.p1 in opened]
