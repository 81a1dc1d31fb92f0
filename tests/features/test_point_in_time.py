from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from features.batch import compute, feature_table
from features.catalog import feature_set
from features.online import LiveFeatures
from features.store import Store
from tests.features.conftest import declaration
from tests.features.oracle import KEYS, profile_features
from tests.features.tables import assert_same_features
from tests.features.worlds import filings, frame, histories, in_versions

SHIPMENTS = feature_set("shipments")
REMEMBERED = [
    name for entry in (*SHIPMENTS.profiles, *SHIPMENTS.relations) for name in entry.columns
]
IDENTITY = ["declaration_id", "item_number"]
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
    expected = profile_features(REMEMBERED, declarations, inspections)
    assert_same_features(batch(declarations, inspections)[REMEMBERED], expected)


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


def in_force(versions: pd.DataFrame) -> pd.DataFrame:
    return versions[versions["superseded_at"].isna() & ~versions["cancelled"]]


@few
@given(filings())
def test_every_profile_feature_equals_the_oracle_when_records_are_amended(versions):
    declarations, inspections = versions
    current = in_force(declarations).reset_index(drop=True)
    table = batch(declarations, inspections, current.drop(columns="superseded_at"))
    assert_same_features(table[REMEMBERED], profile_features(REMEMBERED, declarations, inspections))


@few
@given(filings(), st.randoms(use_true_random=False))
def test_live_features_equal_those_of_history_when_records_are_amended(new_home, versions, random):
    declarations, inspections = (filed.drop(columns="superseded_at") for filed in versions)
    arrivals = [("inspections", inspections.loc[[i]]) for i in inspections.index]
    arrivals += [("declarations", declarations.loc[[i]]) for i in declarations.index]
    random.shuffle(arrivals)
    current = in_force(versions[0]).drop(columns="superseded_at")
    assume(not current.empty)
    with Store.open(new_home()) as store:
        for kind, rows in arrivals:
            store.take_in(kind, rows)
        live = LiveFeatures(store, "shipments")
        asked = current.sort_values(["declaration_id", "known_at", "item_number"])
        parts = asked.groupby(["declaration_id", "known_at"])
        tables = [live.table(rows.reset_index(drop=True)) for _, rows in parts]
        table = pd.concat(tables, ignore_index=True)[REMEMBERED]
        assert_same_features(table, batch(*versions, asked.reset_index(drop=True))[REMEMBERED])


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


def filed(number: int, importer: str, known_at: str, **changes: object) -> dict[str, object]:
    return declaration(number, known_at, importer_id=importer, **changes)


def test_an_amendment_moves_a_declaration_to_its_own_day_and_importer():
    """D0 is filed on day 1 for A, and on day 10 again for B; D1 to D6 ask before and after."""
    asked = [
        filed(number, importer, f"2026-01-{day:02}T00:00")
        for number, (importer, day) in enumerate(
            [("A", 9), ("B", 9), ("A", 10), ("B", 10), ("A", 11), ("B", 11)], start=1
        )
    ]
    versions = [filed(0, "A", "2026-01-01T00:00"), filed(0, "B", "2026-01-10T00:00")]
    declarations = in_versions(frame("declarations", [*versions, *asked]), IDENTITY)
    rows = frame("declarations", asked)
    table = batch(declarations, frame("inspections", []), rows)
    assert table["importer__items__30d"].tolist() == [1, 0, 2, 1, 2, 3]


def test_a_declaration_amended_in_part_counts_once():
    items = [filed(0, "A", "2026-01-01T00:00", item_number=number) for number in (1, 2)]
    amended = filed(0, "A", "2026-01-02T00:00", item_number=2, customs_value=5.0)
    asking = filed(1, "A", "2026-01-03T00:00")
    declarations = in_versions(frame("declarations", [*items, amended, asking]), IDENTITY)
    table = batch(declarations, frame("inspections", []), frame("declarations", [asking]))
    assert table["importer__declarations__30d"].tolist() == [1.0]
    assert table["importer__items__30d"].tolist() == [2.0]


def test_a_record_does_not_see_its_own_earlier_version():
    versions = [filed(0, "A", "2026-01-01T00:00"), filed(0, "A", "2026-01-10T00:00", item_number=2)]
    versions.append(filed(0, "A", "2026-01-10T00:00", customs_value=5.0))
    declarations = in_versions(frame("declarations", versions), IDENTITY)
    table = batch(declarations, frame("inspections", []), frame("declarations", versions[1:]))
    assert table["importer__items__30d"].tolist() == [0.0, 0.0]


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
