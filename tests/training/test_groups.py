import numpy as np
import pandas as pd
import pytest

from tests.models.synthetic import FEATURES
from training.dataset import labelled
from training.enough import shortage
from training.groups import LEAST_CLEARED, SELECTED_PCT, error_rates, group_values
from training.judged import judged_shipments


@pytest.fixture(scope="module")
def shipments(world, fitted):
    return judged_shipments(fitted, labelled(FEATURES, *world))


@pytest.fixture(scope="module")
def values(store, shipments):
    return group_values(store, FEATURES, shipments)


def test_each_shipment_has_the_groups_of_its_records(store, shipments, values):
    records = store.declarations.set_index(["declaration_id", "item_number"])
    keys = list(zip(shipments["declaration_id"], shipments["item_number"], strict=True))
    assert values["origin"].tolist() == records.loc[keys, "origin_country"].tolist()
    assert values["office"].tolist() == records.loc[keys, "office_id"].tolist()
    driven = shipments["declaration_id"].isin(store.crossings["declaration_id"])
    assert (values["nationality"].eq("PL") == driven).all()
    assert values["nationality"].notna().sum() == driven.sum() > 0


def test_rates_are_counted_over_what_a_tenth_of_inspections_selects(shipments, values):
    taken = np.arange(len(shipments)) < -(-len(shipments) * SELECTED_PCT // 100)
    rates = {(rate.attribute, rate.group): rate for rate in error_rates(shipments, values)}
    assert {group for name, group in rates if name == "origin"} == {"KR", "NL", "PE", "TR"}
    for (attribute, group), rate in rates.items():
        own = values[attribute].eq(group).to_numpy(dtype=bool, na_value=False)
        found = shipments["outcome"].to_numpy(dtype=bool)
        assert rate.cleared == (own & ~found).sum()
        assert rate.false_positive_rate == (own & ~found & taken).sum() / (own & ~found).sum()
        assert rate.false_negative_rate == (own & found & ~taken).sum() / (own & found).sum()
        low, high = rate.interval
        assert 0 <= low <= rate.false_positive_rate <= high < 1


def test_a_group_too_small_to_say_anything_of_is_left_out(shipments, values):
    rare = values.assign(office=pd.Series("BEANR", values.index))
    cleared = shipments.index[~shipments["outcome"]]
    rare.loc[cleared[: LEAST_CLEARED - 1], "office"] = "FRLEH"
    offices = [rate.group for rate in error_rates(shipments, rare) if rate.attribute == "office"]
    assert offices == ["BEANR"]
    rare.loc[cleared[LEAST_CLEARED - 1], "office"] = "FRLEH"
    offices = [rate.group for rate in error_rates(shipments, rare) if rate.attribute == "office"]
    assert offices == ["BEANR", "FRLEH"]


def test_an_offence_seldom_found_is_named_as_too_few_with_its_count(shipments):
    assert shortage(shipments) is None
    few = shipments.assign(found_drugs=np.arange(len(shipments)) < 3)
    assert f": drugs (3 offences among {len(shipments)})." in shortage(few)
