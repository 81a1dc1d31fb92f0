"""What a connection keeps of whole days: merged once, and forgotten when it holds no more."""

from __future__ import annotations

from random import Random

import pandas as pd
import pytest
from sqlalchemy import update

from features.catalog import feature_set
from features.online import LiveFeatures
from features.store import Store
from features.store.past import Past
from features.store.schema import derived_tables
from features.store.times import micros
from tests.features.tables import assert_same_features
from tests.features.worlds import arrivals, history

MERGES = "INSERT OR FAIL INTO temp.past"


@pytest.fixture
def home(new_home):
    home = new_home()
    if not home.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL merges whole days with every question")
    return home


def test_a_connection_that_asked_before_is_answered_as_a_new_one(home, subject):
    random = Random(3)  # noqa: S311 - the same records every time
    filed = history(3, 3)
    rows_asked = filed[feature_set(subject).about.kind].tail(3)
    with Store.open(home) as asker, Store.open(home) as other:
        asked, anew = LiveFeatures(asker, subject), LiveFeatures(other, subject)
        for kind, rows in arrivals(filed, random):
            random.choice([asker, other]).take_in(kind, rows)
            other.engine.dispose()
            assert_same_features(asked.table(rows_asked), anew.table(rows_asked))


def test_a_day_that_is_whole_is_answered_by_its_tiles_as_by_its_facts(home, subject, monkeypatch):
    random, is_whole, said = Random(4), Past.ends_before, []  # noqa: S311 - as above
    filed = history(4, 4)
    rows_asked = filed[feature_set(subject).about.kind].tail(4)
    latest = max(rows["known_at"].max() for rows in filed.values())
    asked = rows_asked.assign(known_at=latest + pd.Timedelta(seconds=1))
    assert asked["known_at"].iloc[0].date() == latest.date()

    def ends_before(past, instant):
        said.append(is_whole(past, instant))
        return said[-1] and not looks

    monkeypatch.setattr(Past, "ends_before", ends_before)
    with Store.open(home) as store:
        live = LiveFeatures(store, subject)
        for kind, rows in arrivals(filed, random):
            store.take_in(kind, rows)
            looks = False
            by_tiles = live.table(asked)
            looks = True
            assert_same_features(by_tiles, live.table(asked))
    assert all(said)


def test_a_day_is_not_whole_for_what_is_asked_about_an_instant_of_it(home):
    filed = history(4, 4)
    with Store.open(home) as store, store.engine.connect() as connection:
        for kind, rows in filed.items():
            store.take_in(kind, rows)
        past = Past.kept_by(connection)
        latest = max(rows["known_at"].max() for rows in filed.values())
        assert not past.ends_before(micros(latest) + 1)
        past.agree(connection.connection.cursor(), 0)
        assert not past.ends_before(micros(latest))
        assert past.ends_before(micros(latest) + 1)
        late = (
            filed["declarations"]
            .tail(1)
            .assign(declaration_id="LATE", known_at=latest + pd.Timedelta(hours=1))
        )
        store.take_in("declarations", late)
        past.agree(connection.connection.cursor(), 0)
        assert not past.ends_before(micros(latest) + 1)


@pytest.fixture
def filled(home):
    with Store.open(home) as store:
        for kind, rows in history(1, 6).items():
            store.take_in(kind, rows)
        yield store


def merges(store, asked, times):
    """Count the merges of whole days while records are asked about."""
    said = []
    with store.engine.connect() as connection:
        connection.connection.driver_connection.set_trace_callback(said.append)
    for _ in range(times):
        LiveFeatures(store, "shipments").table(asked)
    return sum(statement.startswith(MERGES) for statement in said)


def test_whole_days_are_merged_once_for_who_asks_again(filled):
    asked = history(1, 6)["declarations"]
    assert merges(filled, asked, 3) == 1


def test_a_record_of_an_earlier_day_has_them_merged_again(filled):
    asked = history(1, 6)["declarations"]
    late = asked.head(1).assign(declaration_id="LATE")
    last = asked[asked["known_at"] == asked["known_at"].max()]
    assert late["known_at"].iloc[0].date() < last["known_at"].iloc[0].date()
    assert merges(filled, last, 2) == 1
    filled.take_in("declarations", late)
    assert merges(filled, last, 1) == 1


@pytest.mark.parametrize(
    ("amended", "days", "merged"),
    [("first", 0, 1), ("last", 0, 0), ("last", 1, 0)],
    ids=["of an earlier day", "of the day asked about", "of that day on a later one"],
)
def test_facts_made_anew_have_them_merged_again_if_any_is_of_an_earlier_day(
    filled, amended, days, merged
):
    asked = history(1, 6)["declarations"].sort_values("known_at")
    last = asked[asked["known_at"] == asked["known_at"].max()]
    assert merges(filled, last, 2) == 1
    chosen = {"first": asked.head(1), "last": last}[amended]
    later = last["known_at"].max() + pd.Timedelta(days=days, seconds=1)
    again = chosen.assign(customs_value=7.0, known_at=later)
    assert filled.take_in("declarations", again).amended == len(chosen)
    assert merges(filled, last, 1) == merged


def test_a_table_of_facts_made_anew_has_them_merged_again(filled, home):
    asked = history(1, 6)["declarations"]
    assert merges(filled, asked, 2) == 1
    with filled.writing() as connection:
        made = update(derived_tables).where(derived_tables.c.name == "facts_items")
        connection.execute(made.values(fingerprint="another version's"))
    Store.open(home).close()
    assert merges(filled, asked, 1) == 1


def test_what_a_transaction_did_not_live_to_keep_is_forgotten():
    past = Past()
    past.days("shipments", 0)["A", 1] = 7
    with pytest.raises(ZeroDivisionError), past:
        past.last //= 0
    assert not past.days("shipments", 0)
