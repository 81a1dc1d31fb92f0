"""What is normal is told among like records, where there are enough of them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.facts import SUBJECTS
from models.normals import LEAST_RECORDS, Normal, Normals
from tests.models.synthetic import a_feature, a_feature_set

NUMBER, CATEGORY = a_feature("mass"), a_feature("origin", "category")
FEATURES = a_feature_set(NUMBER, CATEGORY, a_feature("hs_chapter", "category"))
MANY, FEW = LEAST_RECORDS, LEAST_RECORDS - 1


@pytest.fixture(scope="module")
def normals():
    table = pd.DataFrame(
        {
            "mass": [10.0] * MANY + [20.0] * FEW,
            "origin": pd.Series(["NL"] * MANY + ["KR"] * FEW, dtype="str"),
            "hs_chapter": pd.Series(["08"] * MANY + ["93"] * FEW, dtype="str"),
        }
    )
    table.loc[0, "origin"] = None
    return Normals.fit(FEATURES, table, np.ones(len(table)))


def test_peers_are_those_alike(normals):
    assert FEATURES.alike == SUBJECTS["shipments"].alike == "hs_chapter"
    peers = normals.peers("mass", {"hs_chapter": "08"})
    assert (peers.alike, peers.value) == ("hs_chapter", "08")
    assert peers.normal == Normal(MANY, 10.0, 10.0, 10.0)


@pytest.mark.parametrize("chapter", ["93", "01", None])
def test_too_few_alike_are_compared_with_all(normals, chapter):
    peers = normals.peers("mass", {"hs_chapter": chapter})
    assert (peers.alike, peers.value) == (None, None)
    assert peers.normal == Normal(MANY + FEW, 10.0, 10.0, 20.0)


def test_enough_alike_of_whom_too_few_have_a_value_are_compared_with_all(normals):
    peers = normals.peers("origin", {"hs_chapter": "08"})
    assert peers.alike is None
    assert peers.normal == Normal(MANY + FEW - 1, "KR", share=0.5)


def test_what_makes_records_alike_is_compared_with_all(normals):
    assert normals.peers("hs_chapter", {"hs_chapter": "08"}).alike is None


def test_without_it_all_are_compared(normals):
    features = a_feature_set(NUMBER)
    table = pd.DataFrame({"mass": [1.0, np.nan, 3.0, 4.0]})
    found = Normals.fit(features, table, np.ones(4))
    assert found.peers("mass", {}).normal == Normal(3, 3.0, 1.0, 4.0)
    nothing = replace(found, every={"mass": Normal.of(NUMBER, table["mass"].head(0), np.ones(0))})
    assert nothing.peers("mass", {}).normal == Normal(0, None)


def test_it_survives_json(normals):
    assert Normals.from_json(json.loads(json.dumps(normals.to_json()))) == normals


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=20),
)
def test_a_weight_counts_as_so_many_records(drawn):
    values, weights = (np.array(column, dtype=np.float64) for column in zip(*drawn, strict=True))
    repeated = np.repeat(values, weights.astype(int))
    found = Normal.of(NUMBER, pd.Series(values), weights)
    expected = np.quantile(repeated, [0.25, 0.5, 0.75], method="inverted_cdf")
    assert [found.lower, found.usual, found.upper] == expected.tolist()
    levels = pd.Series(values.astype(str), dtype="str")
    most = Normal.of(CATEGORY, levels, weights)
    counts = pd.Series(repeated.astype(str)).value_counts(normalize=True)
    assert most.share == pytest.approx(counts.max(), rel=1e-5)
    assert counts[most.usual] == counts.max()
