"""What is said of a shipment is what the model says of its riskiest item."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.catalog import FeatureSet
from models.assessment import assess
from models.risk import RiskModel
from tests.models.synthetic import FEATURES, a_table


@pytest.fixture(scope="module")
def table():
    return a_table(60, seed=9).sample(frac=1, random_state=0)


@pytest.fixture(scope="module")
def found(model, table):
    return assess(model, table, limit=2)


def arrays(table):
    """Give a table as the live features come: an array a column, times without their zone."""
    plain = table.assign(known_at=table["known_at"].dt.tz_localize(None))
    columns = {name: plain[name].to_numpy() for name in plain.columns}
    origins = [None if pd.isna(origin) else origin for origin in table["origin"]]
    return columns | {"origin": np.array(origins, dtype=object)}


def test_a_shipment_is_assessed_at_its_riskiest_item_as_the_model_scores_it(model, table, found):
    shipments = model.per_shipment(model.score(table))
    assert [one.id for one in found] == shipments["declaration_id"].tolist()
    assert [one.item_number for one in found] == shipments["item_number"].tolist()
    assert [one.known_at for one in found] == shipments["known_at"].tolist()
    for name in ("log_odds", "risk"):
        assert [getattr(one, name) for one in found] == shipments[name].tolist()
    for name in model.offences:
        assert [one.offences[name] for one in found] == shipments[f"risk_{name}"].tolist()
    assert [one.channel for one in found] == model.channel(shipments["risk"].to_numpy()).tolist()


def test_it_is_explained_by_that_items_contributions(model, table, found):
    rows = table.set_index(["declaration_id", "item_number"], drop=False)
    chosen = rows.loc[[(one.id, one.item_number) for one in found]]
    explanation = model.explain(chosen)
    for position, one in enumerate(found):
        assert one.contributions.tolist() == explanation.contributions[position].tolist()
        assert one.base_value == explanation.base_value
        assert len(one.reasons) <= 2
        parts = sum(reason["contribution"] for reason in one.reasons) + one.other_contribution
        assert parts + one.base_value == pytest.approx(one.log_odds, abs=1e-9)
        value = chosen["origin"].iloc[position]
        assert one.features["origin"] == (None if pd.isna(value) else value)


def test_columns_and_a_frame_are_assessed_alike(model, table, found):
    assert_alike(assess(model, arrays(table), limit=2), found)


def assert_alike(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert one.contributions.tolist() == other.contributions.tolist()
        for name in set(one.__dict__) - {"contributions"}:
            assert getattr(one, name) == getattr(other, name), name


def test_a_shipment_is_assessed_alike_among_few_and_among_many(model, table, found, monkeypatch):
    monkeypatch.setattr("models.encoding._ROWS", 7)
    monkeypatch.setattr("models.assessment._CHUNK", 5)
    assert_alike(assess(model, arrays(table), limit=2), found)


def test_a_crossing_has_no_items(model, table):
    identity = ("crossing_id", "known_at")
    features = FeatureSet("crossings", identity, (), FEATURES.derived)
    crossings = table.drop_duplicates("declaration_id")
    crossings = crossings.rename(columns={"declaration_id": "crossing_id"}).drop(
        columns="item_number"
    )
    of_crossings: RiskModel = replace(model, features=features)
    found = assess(of_crossings, crossings)
    assert [one.id for one in found] == crossings["crossing_id"].tolist()
    assert {one.item_number for one in found} == {None}


def test_of_nothing_nothing_is_said(model, table):
    assert assess(model, table.head(0)) == []
    assert assess(model, arrays(table.head(0))) == []
