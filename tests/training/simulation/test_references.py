"""Records of different kinds refer to one another, and agree where they do."""

import pandas as pd
import pytest

SETTLED = pd.Timedelta(days=60)  # what is referred to has become known by then


@pytest.fixture
def declared(world):
    return set(world["declarations"]["declaration_id"])


@pytest.fixture
def listed(world):
    return set(world["parties"]["party_id"])


def well_inside(world, records):
    return records[records["known_at"] < pd.Timestamp(world.end) - SETTLED]


@pytest.mark.parametrize("kind", ["movements", "crossings", "payments"])
def test_declarations_referred_to_exist(world, declared, kind):
    references = well_inside(world, world[kind])["declaration_id"].dropna()
    assert len(references) > 500
    assert set(references) <= declared


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *(("declarations", f) for f in ("importer_id", "exporter_id", "declarant_id")),
        *(("payments", f) for f in ("debtor_id", "creditor_id")),
        *((kind, "carrier_id") for kind in ("declarations", "crossings")),
    ],
)
def test_every_party_named_is_registered(world, listed, kind, field):
    assert set(world[kind][field].dropna()) <= listed


@pytest.mark.parametrize("field", ["importer_id", "exporter_id"])
def test_a_party_is_registered_before_it_is_named(world, field):
    known = world["parties"].set_index("party_id")["known_at"]
    named = world["declarations"].dropna(subset=[field])
    assert (named[field].map(known) < named["known_at"]).all()


def test_inspections_are_of_records_that_exist(world, declared):
    subjects = world["inspections"].groupby("subject")["subject_id"].agg(set)
    assert subjects["shipments"] <= declared
    assert subjects["crossings"] <= set(world["crossings"]["crossing_id"])


@pytest.mark.parametrize("kind", ["movements", "crossings"])
def test_the_vehicle_of_a_declaration_is_the_one_that_moves_and_crosses(world, kind):
    shipments = world.shipments
    rows = world[kind].dropna(subset=["declaration_id"])
    vehicle = {"movements": "transport_id", "crossings": "vehicle_id"}[kind]
    rows = rows[rows["declaration_id"].isin(shipments.index)].dropna(subset=[vehicle])
    declared = rows["declaration_id"].map(shipments["transport_id"])
    assert (declared == rows[vehicle])[declared.notna()].all()
    assert declared.notna().sum() > 500


def test_a_movement_carries_the_container_of_its_declaration(world):
    rows = world["movements"].dropna(subset=["declaration_id", "container_id"])
    declared = rows["declaration_id"].map(world.shipments["container_id"])
    assert (declared == rows["container_id"])[declared.notna()].all()
    assert declared.notna().sum() > 500


def test_only_lorries_carry_declared_goods_and_into_the_union(world):
    laden = world["crossings"].dropna(subset=["declaration_id"])
    assert set(laden["vehicle_class"].dropna()) == {"lorry"}
    assert set(laden["direction"]) == {"in"}
    modes = laden["declaration_id"].map(world.shipments["transport_mode"]).dropna()
    assert set(modes) == {"3"}


def test_payments_for_goods_mostly_run_from_importer_to_exporter(world):
    shipments = world.shipments
    paid = world["payments"].dropna(subset=["declaration_id"])
    paid = paid[paid["declaration_id"].isin(shipments.index)]
    entity = world["truth/parties"].set_index("party_id")["entity_id"]
    importer = paid["declaration_id"].map(shipments["importer_id"]).map(entity)
    exporter = paid["declaration_id"].map(shipments["exporter_id"]).map(entity)
    assert 0.8 < (paid["debtor_id"].map(entity) == importer).mean() < 0.97
    known = exporter.notna()
    assert 0.8 < (paid["creditor_id"].map(entity) == exporter)[known].mean() < 0.98


def test_events_of_a_movement_follow_one_another(world):
    events = world["movements"]
    when = events.pivot_table(index="movement_id", columns="event", values="occurred_at",
                              aggfunc="min")  # fmt: skip
    arrived = when.dropna(subset=["arrival"])
    assert (arrived["departure"] < arrived["arrival"]).all()
    passed = arrived.dropna(subset=["transit"])
    assert passed["transit"].between(passed["departure"], passed["arrival"]).all()


def test_a_movement_is_due_after_it_departs_and_says_so_once(world):
    events = world["movements"]
    due = events.dropna(subset=["due_at"])
    assert set(due["event"]) == {"departure"}
    assert (due["due_at"] > due["occurred_at"]).all()


def test_the_events_of_a_movement_are_told_apart_by_its_identity(world):
    identity = ["movement_id", "event", "office_id", "occurred_at"]
    assert not world["movements"].duplicated(identity).any()


def test_a_broken_or_changed_seal_stays_so_until_the_arrival(world):
    events = world["movements"].sort_values("occurred_at", kind="stable")
    opened = events["seal_state"].isin(["broken", "changed"])
    ever = opened.groupby(events["movement_id"]).cummax()
    assert not (ever & (events["seal_state"] == "intact")).any()


def test_a_lorry_crosses_between_the_ends_of_its_movement(world):
    events = world["movements"]
    ends = events.pivot_table(index="declaration_id", columns="event", values="occurred_at",
                              aggfunc="min")  # fmt: skip
    crossed = world["crossings"].dropna(subset=["declaration_id"])
    crossed = crossed.join(ends, on="declaration_id").dropna(subset=["departure", "arrival"])
    assert len(crossed) > 500
    assert crossed["occurred_at"].between(crossed["departure"], crossed["arrival"]).all()
