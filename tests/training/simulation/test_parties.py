"""Registrations: who is in twice, and how differently the same party is written."""

import numpy as np
import pandas as pd
import pytest

from training.simulation.population.names import firm, rewritten


@pytest.fixture(scope="module")
def twice(world):
    """Pairs of registrations of one party, the earlier identifier first."""
    rows = world["parties"].merge(world["truth/parties"], on="party_id")
    pairs = rows.sort_values("known_at").groupby("entity_id").filter(lambda r: len(r) == 2)
    first, second = (pairs.groupby("entity_id").nth(n).set_index("entity_id") for n in (0, 1))
    return first.add_suffix("_1").join(second.add_suffix("_2"))


def test_every_identifier_belongs_to_one_party_in_truth(world):
    assert not world["parties"]["party_id"].duplicated().any()
    assert set(world["truth/parties"]["party_id"]) == set(world["parties"]["party_id"])


def test_some_parties_are_registered_twice(world, twice):
    share = len(twice) / world["truth/parties"]["entity_id"].nunique()
    assert 0.04 < share < 0.12


def test_most_second_registrations_are_written_differently(twice):
    assert (twice["name_1"] != twice["name_2"]).mean() > 0.7
    assert 0.3 < (twice["registration_number_1"] == twice["registration_number_2"]).mean() < 0.7


def test_unrelated_parties_share_addresses(world):
    rows = world["parties"].merge(world["truth/parties"], on="party_id")
    housed = rows.groupby("address")["entity_id"].nunique()
    assert (housed > 10).sum() >= 5


def test_both_identifiers_of_a_party_are_used(world, twice):
    used = set(world["declarations"]["importer_id"])
    traders = twice[twice["party_id_1"].str.startswith("TR")]
    both = traders["party_id_1"].isin(used) & traders["party_id_2"].isin(used)
    assert both.mean() > 0.3


def test_a_second_identifier_is_used_only_once_it_is_registered(world, twice):
    since = twice.set_index("party_id_2")["known_at_2"]
    named = world["declarations"][world["declarations"]["importer_id"].isin(since.index)]
    assert (named["known_at"] > named["importer_id"].map(since)).all()


def test_identifiers_of_organisations_look_like_everyones(world):
    members = world["truth/members"]
    named = members.loc[members["role"] == "party", "member_id"]
    assert named.str.fullmatch(r"(TR|PA)[0-9A-Z]{7}").all()
    vehicles = members.loc[members["role"] == "vehicle", "member_id"]
    assert vehicles.str.fullmatch(r"[A-Z]{2}\d\d[0-9A-Z]{4}").all()
    others = set(world["crossings"]["vehicle_id"].dropna()) - set(vehicles)
    assert pd.Series(list(others)).str.fullmatch(r"[A-Z]{2}\d\d[0-9A-Z]{4}").all()


def test_a_name_written_by_another_hand_keeps_most_of_its_letters():
    rng = np.random.default_rng(0)
    for _ in range(300):
        name = firm(rng)
        other = rewritten(rng, name)
        kept = set(name.casefold()) & set(other.casefold())
        assert other.strip()
        assert len(kept) > 0.5 * len(set(name.casefold()))
