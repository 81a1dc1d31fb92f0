"""Links in the store: when they are known, that they stay, that they go."""

from __future__ import annotations

import pandas as pd
import pytest

from features.linkage import Linked, Matching, link, linking
from features.records import KINDS
from features.store import Store
from tests.features.linkage.registers import START, accepted, joined, register

MARCH = pd.Timestamp("2026-03-10T12:00:00Z")
APRIL = pd.Timestamp("2026-04-10T12:00:00Z")
NAMES = ("A", "B", "C", "D")


def day(number: int) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


@pytest.fixture
def store(new_home):
    with Store.open(new_home()) as opened:
        yield opened


@pytest.fixture
def some(store, monkeypatch):
    """A store with parties A to D, known a day after the other, and a way to say who matches."""
    store.take_in(
        "parties",
        accepted([{"party_id": n, "name": n, "known_at": day(i)} for i, n in enumerate(NAMES)]),
    )

    def run(now, *pairs):
        monkeypatch.setattr(linking, "matches", lambda *_: list(pairs))
        return link(store, now)

    return run


def known(links: pd.DataFrame) -> dict:
    return {
        (row.party_id, row.linked_party_id): (row.known_at, row.probability)
        for row in links.itertuples()
        if row.party_id < row.linked_party_id
    }


def test_a_register_is_linked_once_and_again_changes_nothing(store):
    parties, truth = register(seed=3)
    store.take_in("parties", parties)
    first = link(store, MARCH)
    links = store.read("links")
    pairs = joined(links)
    assert first == Linked(len(parties), made=len(pairs), kept=0, withdrawn=0)
    assert len(pairs & truth) > 0.8 * len(truth)
    assert link(store, APRIL) == Linked(len(parties), made=0, kept=len(pairs), withdrawn=0)
    pd.testing.assert_frame_equal(store.read("links"), links)
    since = parties.set_index("party_id")["known_at"]
    both = pd.concat([links["party_id"].map(since), links["linked_party_id"].map(since)], axis=1)
    assert (links["known_at"] == both.max(axis=1)).all()


def test_a_link_found_in_march_changes_no_row_of_february(store):
    """By the model itself: who comes again in March is linked then, and only then."""
    parties, truth = register(seed=3)
    late = parties["party_id"].str.endswith("-AGAIN")
    again = parties[late].assign(known_at=MARCH - pd.Timedelta(hours=1))
    store.take_in("parties", pd.concat([parties[~late], again.head(40)]))
    link(store, START + pd.Timedelta(days=20))
    before = store.versions("links")
    store.take_in("parties", again.tail(20))
    assert link(store, MARCH).made > 0
    after = store.versions("links")
    held = after[after["known_at"] < MARCH]
    pd.testing.assert_frame_equal(
        held.drop(columns="superseded_at").reset_index(drop=True),
        before.drop(columns="superseded_at").head(len(held)),
    )
    assert joined(store.read("links")) - joined(held) <= truth
    for moment in pd.date_range(START, MARCH, periods=5):
        then = store.read("links", moment.to_pydatetime())
        assert (then["known_at"] < moment).all()


def test_links_of_a_register_linked_for_the_first_time_are_known_when_all_they_rest_on_was(
    some, store
):
    assert some(MARCH, ("A", "C", 0.95), ("B", "C", 0.99)) == Linked(4, 3, 0, 0)
    assert known(store.read("links")) == {
        ("A", "C"): (day(2), 0.95),
        ("B", "C"): (day(2), 0.99),
        ("A", "B"): (day(2), 0.95),  # through C, who came last
    }


def test_a_way_through_a_later_party_does_not_make_a_link_later(some, store):
    some(MARCH, ("A", "B", 0.91), ("A", "D", 0.99), ("B", "D", 0.98))
    assert known(store.read("links"))["A", "B"] == (day(1), 0.98)


def test_a_new_link_of_a_register_linked_before_is_known_from_when_it_is_made(some, store):
    some(day(50), ("A", "B", 0.95))
    assert some(MARCH, ("A", "B", 0.97), ("C", "D", 0.99)) == Linked(4, 1, 1, 0)
    assert known(store.read("links")) == {("A", "B"): (day(1), 0.95), ("C", "D"): (MARCH, 0.99)}
    shown = store.read("links").set_index("party_id")["occurred_at"]
    assert shown["C"] == shown["D"] == day(3)


def test_a_link_that_holds_no_more_is_withdrawn_from_then_on(some, store):
    some(day(50), ("A", "B", 0.95), ("C", "D", 0.95))
    assert some(MARCH, ("C", "D", 0.95)) == Linked(4, 0, 1, 1)
    assert set(known(store.read("links"))) == {("C", "D")}
    assert set(known(store.read("links", MARCH.to_pydatetime()))) == {("A", "B"), ("C", "D")}
    assert some(MARCH, ("C", "D", 0.95)) == Linked(4, 0, 1, 0)
    assert some(APRIL, ("A", "B", 0.95), ("C", "D", 0.95)) == Linked(4, 1, 1, 0)
    assert known(store.read("links"))["A", "B"] == (APRIL, 0.95)


def test_a_party_that_is_withdrawn_loses_its_links(store):
    parties, _ = register(seed=3)
    store.take_in("parties", parties)
    link(store, START + pd.Timedelta(days=20))
    one = store.read("links")["party_id"].iloc[0]
    gone = parties[parties["party_id"] == one].assign(cancelled=True, known_at=day(30))
    store.take_in("parties", gone)
    assert link(store, MARCH).withdrawn == 1
    left = store.read("links")
    assert one not in {*left["party_id"], *left["linked_party_id"]}


def test_a_store_without_parties_has_nothing_to_link(store):
    assert link(store, MARCH) == Linked(0, 0, 0, 0)
    assert store.read("links").empty


def test_nothing_sealed_goes_into_a_link():
    assert not KINDS["links"].sealed
    assert KINDS["links"].persons == ("party_id", "linked_party_id")
    assert not set(KINDS["parties"].sealed) & set(KINDS["links"].fields)


def test_a_higher_bar_finds_no_more_pairs(store):
    store.take_in("parties", register(seed=4)[0])
    link(store, MARCH, Matching(probability=0.5))
    low = joined(store.read("links"))
    link(store, APRIL, Matching(probability=0.99))
    high = joined(store.read("links"))
    assert high < low
