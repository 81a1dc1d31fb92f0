import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.novelty import NOVEL_SHARE, Novelty, Usual
from tests.models.synthetic import FEATURES, a_feature, a_table

EARLY, LATE = a_table(4000, seed=1), a_table(2000, seed=2)


@pytest.fixture(scope="module")
def novelty():
    return Novelty.fit(FEATURES.features, EARLY, LATE)


def test_few_records_like_those_of_training_are_novel(novelty):
    share = novelty.of(a_table(20_000, seed=3))["novel"].mean()
    assert share == pytest.approx(NOVEL_SHARE, abs=NOVEL_SHARE)


def test_a_record_unlike_any_is_novel_and_says_in_what(novelty):
    usual = LATE.head(3).assign(gap=0.0, mass=1.0, noise=0.0, origin="NL")
    assert not novelty.of(usual)["novel"].any()
    strange = novelty.of(usual.assign(mass=[1e9, 1.0, 1.0], origin=["NL", "XX", "NL"], gap=99.0))
    assert strange["novel"].tolist() == [True, True, False]
    assert strange["strangest"].tolist()[:2] == ["gap", "gap"]
    assert novelty.of(usual.assign(origin="XX"))["strangest"].tolist() == ["origin"] * 3


def test_no_records_give_no_rows(novelty):
    assert novelty.of(LATE.head(0)).empty


def test_what_was_learnt_survives_json(novelty):
    again = Novelty.from_json(novelty.to_json())
    pd.testing.assert_frame_equal(again.of(LATE), novelty.of(LATE), check_exact=True)


def test_a_record_is_judged_the_same_alone_and_among_others(novelty):
    together = novelty.of(LATE)
    for row in (0, 999):
        pd.testing.assert_frame_equal(novelty.of(LATE.iloc[[row]]), together.iloc[[row]])


def slow_share(known, value, kind):
    """Share of training records at least as unusual, straight from the records."""
    if pd.isna(value):
        return sum(map(pd.isna, known)) / len(known)
    if kind == "category":
        as_rare = [one for one in known if known.count(one) <= known.count(value)]
        return (len(as_rare) if value in known else 0) / len(known)
    here = [one for one in known if not pd.isna(one)]
    tail = min(sum(one <= value for one in here), sum(one >= value for one in here))
    return min(len(here), 2 * tail) / len(known)


@given(
    known=st.lists(st.sampled_from([*"abcde"]), min_size=1, max_size=30),
    value=st.sampled_from([*"abcdef"]),
)
def test_shares_of_levels_are_those_of_the_definition(known, value):
    usual = Usual.of(pd.Series(known, dtype="str"), "category")
    [ours] = usual.shares(pd.Series([value], dtype="str"))
    assert ours == pytest.approx(slow_share(known, value, "category"))


@given(value=st.one_of(st.floats(-5, 5), st.just(np.nan)), missing=st.floats(0, 0.9))
def test_shares_of_numbers_are_near_those_of_the_definition(value, missing):
    random = np.random.default_rng(0)
    known = np.where(random.random(1000) < missing, np.nan, random.normal(size=1000).round(1))
    [ours] = Usual.of(pd.Series(known), "number").shares(pd.Series([value]))
    assert ours == pytest.approx(slow_share(known.tolist(), value, "number"), abs=0.02)


def test_a_feature_without_a_value_in_training_makes_any_value_strange():
    table = EARLY.assign(gap=np.nan)
    features = [a_feature("gap"), a_feature("mass")]
    novelty = Novelty.fit(features, table, table)
    assert novelty.of(EARLY.dropna().head(1).assign(mass=1.0))["strangest"].tolist() == ["gap"]
    assert novelty.of(table.head(1))["novelty"].iloc[0] < 10
