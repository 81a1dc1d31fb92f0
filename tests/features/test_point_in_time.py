from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import make_url

from features.batch import compute, feature_table
from features.catalog import feature_set
from features.facts import FACTS, SOURCES
from features.online import LiveFeatures
from features.records import KINDS
from features.store import Store
from tests.features.conftest import declaration
from tests.features.oracle.features import FAMILIES, family_of, remembered
from tests.features.tables import assert_same_features
from tests.features.worlds import (
    World,
    arrivals,
    examples,
    filings,
    frame,
    histories,
    history,
    in_force,
    in_versions,
)

SHIPMENTS = feature_set("shipments")
IDENTITY = list(KINDS["declarations"].identity)
NOTHING = {kind: frame(kind, []) for kind in SOURCES}
few = examples(3)


def asked_of_history(subject: str) -> list[str]:
    return [name for entry in feature_set(subject).remembered for name in entry.columns]


def kind_of(subject: str) -> str:
    return feature_set(subject).about.kind


def batch(
    subject: str, world: Mapping[str, pd.DataFrame], asked: pd.DataFrame | None = None
) -> pd.DataFrame:
    history = NOTHING | dict(world)
    return compute(
        feature_set(subject), history, history[kind_of(subject)] if asked is None else asked
    )


def batch_of_shipments(
    declarations: pd.DataFrame, inspections: list[dict], asked: pd.DataFrame | None = None
) -> pd.DataFrame:
    records = {"declarations": declarations, "inspections": frame("inspections", inspections)}
    return batch("shipments", records, asked)


def test_the_oracle_knows_every_family_and_every_feature_by_its_facts(subject):
    assert set(FAMILIES) == set(FACTS)
    for entry in feature_set(subject).remembered:
        assert {family_of(subject, name) for name in entry.columns} == {entry.facts}


def test_the_worlds_drawn_here_leave_no_feature_without_values(subject):
    names = asked_of_history(subject)
    drawn = [remembered(subject, names, history(seed, most=10)) for seed in range(6)]
    values = pd.concat(drawn)
    assert not [name for name in names if not values[name].fillna(0).any()]


@few
@given(histories())
def test_what_history_says_equals_the_oracle(subject, world):
    names = asked_of_history(subject)
    assert_same_features(batch(subject, world)[names], remembered(subject, names, world))


@few
@given(filings())
def test_what_history_says_equals_the_oracle_when_records_are_amended(subject, versions):
    names = asked_of_history(subject)
    table = batch(subject, versions, in_force(versions[kind_of(subject)]))
    assert_same_features(table[names], remembered(subject, names, versions))


@few
@given(histories(), st.randoms(use_true_random=False))
def test_records_beside_history_in_any_order_are_answered_as_those_that_are_history(
    subject, world, random
):
    asked = world[kind_of(subject)]
    shuffled = {
        kind: rows.iloc[random.sample(range(len(rows)), len(rows))] for kind, rows in world.items()
    }
    assert_same_features(batch(subject, shuffled, asked.copy()), batch(subject, world))


@few
@given(histories(), st.randoms(use_true_random=False))
def test_live_features_equal_those_of_history_in_any_order_of_arrival(
    new_home, subject, world, random
):
    with Store.open(new_home()) as store:
        for kind, rows in arrivals(world, random):
            store.take_in(kind, rows)
        live = LiveFeatures(store, subject).table(world[kind_of(subject)])
        assert_same_features(live, batch(subject, world))


@few
@given(filings(), st.randoms(use_true_random=False))
def test_live_features_equal_those_of_history_when_records_are_amended(
    new_home, subject, versions, random
):
    current = in_force(versions[kind_of(subject)])
    assume(not current.empty)
    filed = {kind: rows.drop(columns="superseded_at") for kind, rows in versions.items()}
    with Store.open(new_home()) as store:
        for kind, rows in arrivals(filed, random):
            store.take_in(kind, rows)
        live = LiveFeatures(store, subject).table(current)
        assert_same_features(live, batch(subject, versions, current))


@few
@given(filings(), st.randoms(use_true_random=False))
def test_live_features_of_what_is_new_equal_those_beside_history(
    new_home, subject, versions, random
):
    """On the last day of all, which is read from tiles, beside what is loose."""
    home = new_home()
    if make_url(home.database_url).get_backend_name() != "sqlite":
        pytest.skip("PostgreSQL reads the day's facts, as other tests have it")
    kind = kind_of(subject)
    last = max(rows["known_at"].max() for rows in versions.values() if len(rows))
    new = in_force(versions[kind])
    new = new.assign(**{KINDS[kind].group: "new " + new[KINDS[kind].group]})
    new["known_at"] = last + pd.Timedelta(minutes=1)
    assume(not new.empty)
    filed = {kind: rows.drop(columns="superseded_at") for kind, rows in versions.items()}
    with Store.open(home) as store:
        for each, rows in arrivals(filed, random):
            store.take_in(each, rows)
        live = LiveFeatures(store, subject).table(new)
        assert_same_features(live, batch(subject, versions, new))


def known_before(at: pd.Timestamp, versions: pd.DataFrame) -> pd.DataFrame:
    """Give records as they were known before an instant: nothing had replaced the last of them."""
    past = versions[versions["known_at"] < at]
    return past.assign(superseded_at=past["superseded_at"].where(past["superseded_at"] < at))


@few
@given(filings(), st.data())
def test_what_is_known_later_changes_no_feature(subject, versions, data):
    """Facts of any kind, amendments and withdrawals among them."""
    every = versions[kind_of(subject)]
    at = data.draw(st.sampled_from(sorted(every["known_at"].unique())))
    now = every["known_at"] == at
    asked = every[now & ~every["cancelled"]].drop(columns="superseded_at")
    assume(not asked.empty)
    past: World = {kind: known_before(at, rows) for kind, rows in versions.items()}
    own = every[(every["known_at"] < at) | now]
    past[kind_of(subject)] = own.assign(
        superseded_at=own["superseded_at"].where(own["superseded_at"] <= at)
    )
    assert_same_features(batch(subject, versions, asked), batch(subject, past, asked))


def test_equal_instants_do_not_see_each_other(two_of_one_importer):
    table = batch_of_shipments(two_of_one_importer, [])
    assert table["importer__declarations__30d"].tolist() == [0.0, 0.0]


def test_a_window_is_whole_days_before_plus_the_day_so_far(one_importer_at):
    # Asked on day 31 at noon, the 30 whole days before reach back to day 1 at midnight.
    declarations = one_importer_at(
        ["2026-01-01T23:59", "2026-01-02T00:00", "2026-02-01T11:59", "2026-02-01T12:00"]
    )
    table = batch_of_shipments(declarations, [])
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
    table = batch_of_shipments(declarations, [result])
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
    table = batch_of_shipments(declarations, [], rows)
    assert table["importer__items__30d"].tolist() == [1, 0, 2, 1, 2, 3]


def test_a_declaration_amended_in_part_counts_once():
    items = [filed(0, "A", "2026-01-01T00:00", item_number=number) for number in (1, 2)]
    amended = filed(0, "A", "2026-01-02T00:00", item_number=2, customs_value=5.0)
    asking = filed(1, "A", "2026-01-03T00:00")
    declarations = in_versions(frame("declarations", [*items, amended, asking]), IDENTITY)
    table = batch_of_shipments(declarations, [], frame("declarations", [asking]))
    assert table["importer__declarations__30d"].tolist() == [1.0]
    assert table["importer__items__30d"].tolist() == [2.0]


def test_a_record_does_not_see_its_own_earlier_version():
    versions = [filed(0, "A", "2026-01-01T00:00"), filed(0, "A", "2026-01-10T00:00", item_number=2)]
    versions.append(filed(0, "A", "2026-01-10T00:00", customs_value=5.0))
    declarations = in_versions(frame("declarations", versions), IDENTITY)
    table = batch_of_shipments(declarations, [], frame("declarations", versions[1:]))
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
