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
    share = np.mean([one.is_novel for one in novelty.of(a_table(20_000, seed=3))])
    assert share == pytest.approx(NOVEL_SHARE, abs=NOVEL_SHARE)


def test_a_record_unlike_any_is_novel_and_says_in_what(novelty):
    usual = LATE.head(3).assign(gap=0.0, mass=1.0, noise=0.0, origin="NL")
    assert not any(one.is_novel for one in novelty.of(usual))
    strange = novelty.of(usual.assign(mass=[1e9, 1.0, 1.0], origin=["NL", "XX", "NL"], gap=99.0))
    assert [one.is_novel for one in strange] == [True, True, False]
    assert [one.feature for one in strange][:2] == ["gap", "gap"]
    assert {one.feature for one in novelty.of(usual.assign(origin="XX"))} == {"origin"}


def test_no_records_give_no_rows(novelty):
    assert novelty.of(LATE.head(0)) == []


def test_what_was_learnt_survives_json(novelty):
    assert Novelty.from_json(novelty.to_json()).of(LATE) == novelty.of(LATE)


def test_a_record_is_judged_the_same_alone_and_among_others_as_a_frame_and_as_columns(novelty):
    together = novelty.of(LATE)
    for row in (0, 999):
        alone = LATE.iloc[[row]]
        assert novelty.of(alone) == [together[row]]
        assert novelty.of({name: alone[name].to_numpy() for name in alone}) == [together[row]]


def test_values_at_and_beyond_the_quantiles_are_judged_the_same_alone_and_among_others(novelty):
    steps = novelty.usual["gap"].quantiles
    gaps = np.array([np.nan, -np.inf, *steps[::20], np.nextafter(steps[3], np.inf), np.inf])
    table = LATE.head(len(gaps)).assign(gap=gaps)
    alone = [novelty.surprisals(table.iloc[[row]])[0] for row in range(len(table))]
    np.testing.assert_array_equal(novelty.surprisals(table), alone)


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
    assert usual.shares([value]) == pytest.approx([slow_share(known, value, "category")])


@given(value=st.one_of(st.floats(-5, 5), st.just(np.nan)), missing=st.floats(0, 0.9))
def test_shares_of_numbers_are_near_those_of_the_definition(value, missing):
    random = np.random.default_rng(0)
    known = np.where(random.random(1000) < missing, np.nan, random.normal(size=1000).round(1))
    records = pd.DataFrame({"gap": known})
    novelty = Novelty(10**9, {"gap": Usual.of(records["gap"], "number")})
    ours = np.exp(-novelty.surprisals(pd.DataFrame({"gap": [value]})).item())
    assert ours == pytest.approx(slow_share(known.tolist(), value, "number"), abs=0.02)


def test_a_feature_without_a_value_in_training_makes_any_value_strange():
    table = EARLY.assign(gap=np.nan)
    features = [a_feature("gap"), a_feature("mass")]
    novelty = Novelty.fit(features, table, table)
    [strange] = novelty.of(EARLY.dropna().head(1).assign(mass=1.0))
    assert strange.feature == "gap"
    assert novelty.of(table.head(1))[0].surprisal < 10
