"""Controls: who is chosen, what is found, when it is known."""

import pandas as pd
import pytest


@pytest.fixture
def declarations(world):
    return world["declarations"]


@pytest.fixture
def truth(world):
    return world["truth/declarations"]


@pytest.fixture
def shipments(world):
    return world.shipments


@pytest.fixture
def inspections(world):
    return world["inspections"][world["inspections"]["subject"] == "shipments"]


@pytest.fixture
def at_posts(world):
    """Inspections of crossings with the truth about them."""
    inspections = world["inspections"]
    truth = world["truth/crossings"].rename(columns={"offence": "real"})
    return inspections[inspections["subject"] == "crossings"].merge(
        truth, left_on="subject_id", right_on="crossing_id", validate="one_to_one"
    )


def test_a_result_is_known_two_to_twenty_days_after_its_declaration(declarations, inspections):
    known = declarations.drop_duplicates("declaration_id").set_index("declaration_id")["known_at"]
    wait = inspections["known_at"] - inspections["subject_id"].map(known)
    assert wait.between(pd.Timedelta(days=2), pd.Timedelta(days=20)).all()


def test_outcomes_not_yet_known_at_the_end_are_absent(shipments, inspections):
    inspected = set(shipments.index[shipments["inspected"]])
    assert set(inspections["subject_id"]) < inspected


def test_about_nine_in_a_hundred_shipments_are_inspected(shipments):
    assert 0.075 < shipments["inspected"].mean() < 0.105


def test_random_stratum_probability_is_logged(shipments, inspections):
    random = inspections[inspections["selection_reason"] == "random"]
    assert 0.015 < len(random) / len(shipments) < 0.025
    assert inspections["selection_probability"].between(0.02, 1.0).all()
    assert random["selection_probability"].nunique() > 100


def test_weighting_by_the_logged_probability_recovers_all_shipments(shipments, inspections):
    counted = (1 / inspections["selection_probability"]).sum()
    expected = len(shipments) * 353 / 365
    assert abs(counted / expected - 1) < 0.12


def test_the_rule_finds_more_than_the_lot_does(inspections):
    found = inspections["result"].eq("offence").groupby(inspections["selection_reason"]).mean()
    assert found["rule"] > 1.5 * found["random"]


def test_an_inspection_never_invents_an_offence(shipments, inspections):
    found = inspections[inspections["result"] == "offence"]
    assert (found["offence"] == found["subject_id"].map(shipments["offence"])).all()
    assert inspections.loc[inspections["result"] != "offence", "offence"].isna().all()


def test_an_inspection_that_names_an_item_speaks_of_that_item(truth, inspections):
    named = inspections.dropna(subset=["item_number"]).merge(
        truth, left_on=["subject_id", "item_number"], right_on=["declaration_id", "item_number"]
    )
    assert len(named) == inspections["item_number"].notna().sum()
    found = named["result"] == "offence"
    assert (named["offence_x"] == named["offence_y"])[found].all()


def test_detection_is_imperfect_and_documents_find_no_drugs(shipments, inspections):
    offending = inspections.assign(truth=inspections["subject_id"].map(shipments["offence"]))
    offending = offending.dropna(subset=["truth"])
    found = offending["result"] == "offence"
    physical = offending["control_type"] == "physical"
    assert 0.7 < found[physical].mean() < 0.97
    papers = offending["control_type"] == "documents"
    assert not found[papers & offending["truth"].isin(["drugs", "weapons"])].any()


def test_revenue_is_recovered_from_frauds_only_or_contraband(inspections):
    taxed = inspections["offence"].isin(["fraud", "critical", "contraband"])
    assert (inspections.loc[~taxed, "revenue_recovered"].fillna(0) == 0).all()
    assert inspections.loc[taxed, "revenue_recovered"].median() > 100


def test_some_seven_in_a_hundred_crossings_are_controlled(world):
    assert 0.055 < world["truth/crossings"]["inspected"].mean() < 0.09


def test_the_lot_takes_crossings_whatever_they_are(world, at_posts):
    random = at_posts["selection_reason"] == "random"
    assert 0.011 < random.sum() / len(world["crossings"]) < 0.019
    assert at_posts["selection_probability"].between(0.015, 1.0).all()


def test_a_control_at_a_post_never_invents_an_offence_and_may_miss_one(at_posts):
    found = at_posts["result"] == "offence"
    assert (at_posts["offence"] == at_posts["real"])[found].all()
    assert at_posts.loc[~found, "offence"].isna().all()
    assert 0.4 < found[at_posts["real"].notna()].mean() < 0.95


def test_the_rule_at_the_posts_finds_more_than_the_lot_would(world, at_posts):
    rule = at_posts["selection_reason"] == "rule"
    everywhere = world["truth/crossings"]["offence"].notna().mean()
    assert at_posts.loc[rule, "real"].notna().mean() > 1.5 * everywhere


def test_most_results_at_posts_are_known_within_a_day(world, at_posts):
    known = world["crossings"].set_index("crossing_id")["known_at"]
    wait = at_posts["known_at"] - at_posts["subject_id"].map(known)
    assert wait.min() > pd.Timedelta(0)
    assert (wait < pd.Timedelta(days=1)).mean() > 0.8


def test_the_first_halfs_profile_leans_on_nationality_more_than_the_second_halfs(world, at_posts):
    crossings = world["crossings"].set_index("crossing_id")
    middle = world.start + (world.end - world.start) / 2
    rule = set(at_posts.loc[at_posts["selection_reason"] == "rule", "crossing_id"])
    marked = crossings["driver_nationality"].isin(["MA", "TR", "MD", "GE", "BY"])
    chosen = pd.Series(crossings.index.isin(rule), index=crossings.index)
    lifts = [
        chosen[half & marked].mean() / chosen[half & ~marked].mean()
        for half in (crossings["known_at"] < middle, crossings["known_at"] >= middle)
    ]
    assert lifts[0] > lifts[1] > 1
