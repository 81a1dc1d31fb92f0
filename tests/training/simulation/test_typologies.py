"""Each typology leaves the trace it is defined by, and honest records leave it too, more rarely."""

import numpy as np
import pandas as pd
import pytest

from training.simulation.money.payments import REPORTING_THRESHOLD
from training.simulation.typologies import TYPOLOGIES

HUBS = ["AE", "SG", "TR", "PA", "HK"]
SEATS = {"car": 5, "van": 3, "minibus": 9}


def of(rows, typology):
    return rows[rows["typology"] == typology]


def honest(rows):
    return rows[rows["organisation_id"].isna()]


def likelier(observed, usual, times):
    """What is known of an offence is seen more often in it, and not only in it."""
    assert usual > 0
    assert times * usual < observed < 1


@pytest.fixture(scope="module")
def shipments(world):
    return world.shipments


@pytest.fixture(scope="module")
def items(world):
    identity = ["declaration_id", "item_number"]
    rows = world["declarations"].merge(world["truth/declarations"], on=identity)
    rows = rows[(rows["customs_value"] > 0) & (rows["net_mass_kg"] > 0)].copy()
    rows["log_price"] = np.log(rows["customs_value"] / rows["net_mass_kg"])
    peers = rows[rows["offence"].isna()].groupby("hs_code")
    rows["price_gap"] = rows["log_price"] - rows["hs_code"].map(peers["log_price"].median())
    rows["tare"] = rows["gross_mass_kg"] / rows["net_mass_kg"] - 1
    mass = np.log(rows["net_mass_kg"])
    rows["mass_gap"] = mass - rows["hs_code"].map(mass.groupby(rows["hs_code"]).median())
    return rows


@pytest.fixture(scope="module")
def moved(world, shipments):
    """A row a movement: its seal, its lateness, its mass on arrival over that at departure."""
    events = world["movements"]
    opened = events["seal_state"].isin(["broken", "changed"])
    rows = pd.DataFrame({"opened": opened.groupby(events["movement_id"]).any()})
    for event in ("departure", "arrival"):
        part = events[events["event"] == event].set_index("movement_id")
        rows[event] = part["occurred_at"]
        rows[f"{event}_kg"] = part["gross_mass_kg"]
        rows["due" if event == "departure" else "_"] = part["due_at"]
    named = events.dropna(subset=["declaration_id"]).groupby("movement_id")["declaration_id"]
    rows["declaration_id"] = named.first()
    long_over = rows["departure"] < pd.Timestamp(world.end) - pd.Timedelta(days=75)
    rows = rows[long_over].join(shipments[["typology", "organisation_id"]], on="declaration_id")
    rows["late"] = rows["arrival"] > rows["due"]
    rows["light"] = rows["arrival_kg"] < 0.85 * rows["departure_kg"]
    rows["lost"] = rows["arrival"].isna()
    return rows.dropna(subset=["declaration_id"])


@pytest.fixture(scope="module")
def crossed(world):
    rows = world["crossings"].merge(world["truth/crossings"], on="crossing_id")
    hour = rows["occurred_at"].dt.hour
    rows["night"] = (hour >= 21) | (hour < 5)
    rows["full"] = rows["occupants"] > rows["vehicle_class"].map(SEATS)
    return rows.sort_values("occurred_at", kind="stable")


@pytest.fixture(scope="module")
def paid(world):
    return world["payments"].merge(world["truth/payments"], on="payment_id", how="left")


@pytest.fixture(scope="module")
def settled(world, shipments):
    """A row a payment for goods: what is paid of what is declared, and whether by a third party."""
    value = world["declarations"].groupby("declaration_id")["customs_value"].sum()
    rows = world["payments"].dropna(subset=["declaration_id"])
    rows = rows.join(shipments[["typology", "organisation_id", "importer_id"]],
                     on="declaration_id").dropna(subset=["importer_id"])  # fmt: skip
    entity = world["truth/parties"].set_index("party_id")["entity_id"]
    rows["third"] = rows["debtor_id"].map(entity) != rows["importer_id"].map(entity)
    total = rows.groupby("declaration_id")["amount"].transform("sum")
    rows["over"] = np.log(total / rows["declaration_id"].map(value).where(lambda v: v > 0))
    return rows


def test_every_typology_is_at_work(world):
    seen = set(world["truth/declarations"]["typology"].dropna())
    seen |= set(world["truth/crossings"]["typology"].dropna())
    assert seen == {typology.name for typology in TYPOLOGIES}


def test_every_offence_of_the_crossings_is_on_board(world):
    offences = set(world["truth/crossings"]["offence"].dropna())
    assert {"people", "contraband"} <= offences <= {"people", "contraband", "weapons", "drugs"}


def test_weapons_pass_a_hub_and_weigh_more_than_machine_parts(shipments, items):
    weapons = of(shipments, "weapons as machine parts")
    usual = honest(shipments)["departure_country"].isin(HUBS).mean()
    likelier(weapons["departure_country"].isin(HUBS).mean(), usual, 3)
    tare = items.groupby(items["typology"].fillna("honest"))["tare"].median()
    assert tare["weapons as machine parts"] > 1.5 * tare["honest"]


def test_the_seal_of_a_container_with_drugs_is_changed_on_the_way(moved):
    drugs, usual = of(moved, "drugs in refrigerated fruit"), honest(moved)
    likelier(drugs["opened"].mean(), usual["opened"].mean(), 4)


def test_precursors_come_in_small_lots_through_several_traders(items):
    lots = of(items, "split precursors")
    assert lots["mass_gap"].median() < -0.4
    traders = lots.groupby("organisation_id")["importer_id"].nunique()
    assert traders.median() >= 3


def test_tobacco_in_transit_never_arrives_or_arrives_late_and_light(moved):
    tobacco, usual = of(moved, "tobacco in transit"), honest(moved)
    likelier(tobacco["lost"].mean(), usual["lost"].mean(), 5)
    arrived, usual = tobacco[~tobacco["lost"]], usual[~usual["lost"]]
    likelier(arrived["late"].mean(), usual["late"].mean(), 3)
    likelier(arrived["light"].mean(), usual["light"].mean(), 2)


def test_phantom_shipments_weigh_little_or_never_arrive(moved):
    phantom, usual = of(moved, "phantom shipments"), honest(moved)
    absent, usually = (rows["lost"] | rows["light"] for rows in (phantom, usual))
    likelier(absent.mean(), usually.mean(), 4)


def test_vans_with_hidden_persons_are_fuller_by_night_and_hired(world, crossed):
    runs = of(crossed, "people smuggled")
    usual = honest(crossed)
    likelier(runs["night"].mean(), usual["night"].mean(), 2)
    small = usual["vehicle_class"].isin(SEATS)
    likelier(runs["full"].mean(), usual.loc[small, "full"].mean(), 3)
    keepers = crossed.groupby("vehicle_id")["driver_id"].nunique()
    many = keepers[keepers > 4].index
    likelier(runs["vehicle_id"].isin(many).mean(), usual["vehicle_id"].isin(many).mean(), 1.5)


def test_a_car_goes_minutes_ahead_of_a_run(crossed):
    runs = of(crossed, "people smuggled")
    ahead = crossed[crossed["organisation_id"].notna() & crossed["typology"].isna()]
    ahead = ahead[(ahead["direction"] == "in")].assign(scouted_at=ahead["occurred_at"])
    met = pd.merge_asof(
        runs,
        ahead[["occurred_at", "post_id", "organisation_id", "scouted_at"]],
        on="occurred_at",
        by=["post_id", "organisation_id"],
        tolerance=pd.Timedelta(minutes=45),
        allow_exact_matches=False,
    )
    assert 0.45 < met["scouted_at"].notna().mean() < 0.85


def test_drivers_of_runs_turn_round_within_hours(crossed):
    out = crossed[crossed["direction"] == "out"].dropna(subset=["driver_id"])
    out = out.assign(back_at=out["occurred_at"])[["occurred_at", "driver_id", "back_at"]]
    into = crossed[crossed["direction"] == "in"].dropna(subset=["driver_id"])
    met = pd.merge_asof(into, out, on="occurred_at", by="driver_id", direction="forward",
                        tolerance=pd.Timedelta(hours=8))  # fmt: skip
    back = met["back_at"].notna()
    runs, usual = met["typology"] == "people smuggled", met["organisation_id"].isna()
    likelier(back[runs].mean(), back[usual].mean(), 2)


def test_one_payer_pays_for_many_travellers_whom_one_leader_brings(world, crossed, paid):
    brought = of(crossed, "people trafficked")
    travellers = set(brought["driver_id"].dropna())
    payers = paid[paid["creditor_id"].isin(travellers)].groupby("debtor_id")
    assert payers["creditor_id"].nunique().max() >= 8
    led = brought.groupby("driver_id")["crossing_id"].count()
    assert led.max() >= 5
    agencies = paid[paid["organisation_id"].isna()].groupby("debtor_id")["creditor_id"].nunique()
    assert (agencies >= 8).sum() >= 5


def test_invoices_are_far_below_or_above_those_of_peers(items):
    gap = items.groupby(items["typology"].fillna("honest"))["price_gap"].median()
    assert gap["under-invoicing"] < -0.4 < abs(gap["honest"])
    assert gap["over-invoicing"] > 0.4


def test_undervalued_goods_are_paid_in_full(settled):
    over = settled.groupby(settled["typology"].fillna("honest"))["over"].median()
    assert over["under-invoicing"] > over["honest"] + 0.1


def test_third_parties_pay_for_offenders_more_often(settled):
    usual = honest(settled)["third"].mean()
    for name in ("over-invoicing", "phantom shipments", "weapons as machine parts"):
        likelier(of(settled, name)["third"].mean(), usual, 2)


def test_deposits_lie_below_the_threshold(paid):
    near = paid["amount"].between(0.8 * REPORTING_THRESHOLD, REPORTING_THRESHOLD - 0.01)
    hidden = paid["organisation_id"].notna()
    likelier(near[hidden].mean(), near[~hidden].mean(), 3)


def test_what_is_gathered_from_many_goes_out_to_few(paid):
    own = paid[paid["organisation_id"].notna() & paid["declaration_id"].isna()]
    into = own.groupby("creditor_id").agg(came=("amount", "sum"), people=("debtor_id", "nunique"))
    out = own.groupby("debtor_id").agg(went=("amount", "sum"), others=("creditor_id", "nunique"))
    both = into.join(out, how="inner")
    collectors = both[both["people"] >= 6]
    assert len(collectors) > 20
    assert (collectors["others"] < collectors["people"]).mean() > 0.8
    passed = collectors["went"] / collectors["came"]
    assert passed.median() > 0.6


def test_some_money_comes_round(paid):
    own = paid[paid["declaration_id"].isna()]
    pairs = set(zip(own["debtor_id"], own["creditor_id"], strict=True))
    ways = zip(own["creditor_id"], own["debtor_id"], strict=True)
    returns = np.array([way in pairs for way in ways])
    hidden = own["organisation_id"].notna().to_numpy()
    assert returns[hidden].mean() > 3 * returns[~hidden].mean()


def test_truth_names_every_organisation_its_offence_and_its_dates(world):
    told = world["truth/organisations"]
    offences = {typology.name: typology.offence for typology in TYPOLOGIES}
    assert (told["typology"].map(offences) == told["offence"]).all()
    assert (told["began_at"] < world.end).all()
    ended = told.dropna(subset=["ended_at"])
    assert (ended["began_at"] < ended["ended_at"]).all()
    named = set(world["truth/declarations"]["organisation_id"].dropna())
    named |= set(world["truth/crossings"]["organisation_id"].dropna())
    assert named <= set(told["organisation_id"])
    assert named <= set(world["truth/members"]["organisation_id"])
