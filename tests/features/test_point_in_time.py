from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.batch import compute, feature_table
from features.catalog import feature_set
from features.online import LiveFeatures
from features.store import Store
from tests.features.oracle import KEYS, profile_features
from tests.features.tables import assert_same_features
from tests.features.worlds import frame, histories

SHIPMENTS = feature_set("shipments")
few = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    # An example takes seconds: a failing one is shown as it is.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def batch(declarations: pd.DataFrame, inspections: pd.DataFrame, asked: pd.DataFrame | None = None):
    history = {"declarations": declarations, "inspections": inspections}
    return compute(SHIPMENTS, history, declarations if asked is None else asked)


def test_the_oracle_knows_every_entity():
    assert {profile.entity for profile in SHIPMENTS.profiles} == set(KEYS)


@few
@given(histories())
def test_every_profile_feature_equals_the_oracle(history):
    declarations, inspections = history
    names = [name for profile in SHIPMENTS.profiles for name in profile.columns]
    expected = profile_features(names, declarations, inspections)
    assert_same_features(batch(declarations, inspections)[names], expected)


@few
@given(histories())
def test_records_beside_history_are_answered_as_those_that_are_history(history):
    declarations, inspections = history
    beside = batch(declarations, inspections, declarations.copy())
    assert_same_features(beside, batch(declarations, inspections))


@few
@given(histories(), st.randoms(use_true_random=False))
def test_live_features_equal_those_of_history_in_any_order_of_arrival(new_home, history, random):
    declarations, inspections = history
    arrivals = [("inspections", inspections.loc[[i]]) for i in inspections.index]
    arrivals += [("declarations", rows) for _, rows in declarations.groupby("declaration_id")]
    random.shuffle(arrivals)
    with Store.open(new_home()) as store:
        for kind, rows in arrivals:
            store.take_in(kind, rows)
        live = LiveFeatures(store, "shipments").table(declarations)
        assert_same_features(live, batch(declarations, inspections))


@few
@given(histories(), st.data())
def test_what_is_known_later_changes_no_feature(history, data):
    declarations, inspections = history
    at = data.draw(st.sampled_from(sorted(declarations["known_at"].unique())))
    asked = declarations[declarations["known_at"] == at]
    past = declarations[(declarations["known_at"] < at) | (declarations["known_at"] == at)]
    before = batch(past[past["known_at"] < at], inspections[inspections["known_at"] < at], asked)
    assert_same_features(batch(declarations, inspections, asked), before)


def test_equal_instants_do_not_see_each_other(two_of_one_importer):
    table = batch(two_of_one_importer, frame("inspections", []))
    assert table["importer__declarations__30d"].tolist() == [0.0, 0.0]


def test_a_window_is_whole_days_before_plus_the_day_so_far(one_importer_at):
    # Asked on day 31 at noon, the 30 whole days before reach back to day 1 at midnight.
    declarations = one_importer_at(
        ["2026-01-01T23:59", "2026-01-02T00:00", "2026-02-01T11:59", "2026-02-01T12:00"]
    )
    table = batch(declarations, frame("inspections", []))
    assert table["importer__declarations__30d"].tolist() == [0.0, 1.0, 1.0, 2.0]


def test_a_result_counts_from_when_it_was_known(one_importer_at):
    declarations = one_importer_at(["2026-01-01T00:00", "2026-01-10T00:00", "2026-01-11T00:00"])
    result = {
        "inspection_id": "I",
        "subject": "shipments",
        "subject_id": "D0",
        "known_at": "2026-01-10T00:00",
        "result": "offence",
    }
    table = batch(declarations, frame("inspections", [result]))
    assert table["importer__offences__365d"].tolist() == [0.0, 0.0, 1.0]


def test_a_table_over_the_store_has_every_record_in_order(new_home, one_importer_at):
    declarations = one_importer_at(["2026-01-02T00:00", "2026-01-01T00:00"])
    with Store.open(new_home()) as store:
        store.take_in("declarations", declarations)
        table = feature_table(store, "shipments")
    assert table["declaration_id"].tolist() == ["D1", "D0"]
    assert list(table.columns) == [*SHIPMENTS.identity, *SHIPMENTS.names]


@pytest.mark.parametrize(
    "name",
    [
        "importer__declarations__30d",
        "importer__offences__365d",
        "importer__inspections__365d",
        "hs_origin__log_unit_value_mean__365d",
        "importer_hs__declarations__90d",
    ],
)
def test_the_names_of_the_contract_exist(name):
    assert name in SHIPMENTS.names
