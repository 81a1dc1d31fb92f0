import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from models.explanation import Explainer
from models.pooling import EQUALITY, fit_shares, pooled


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    matrix = random.normal(size=(800, 4))
    matrix[:, 3] = random.integers(0, 6, 800)
    matrix[random.random(matrix.shape) < 0.05] = np.nan
    return matrix


@pytest.fixture(scope="module")
def boosters(rows):
    label = np.nan_to_num(rows[:, 0] * rows[:, 1]) + (rows[:, 3] == 2) > 0.5
    return [grown(rows, label, columns) for columns in ([0, 1], [1, 2, 3], [3])]


def grown(rows, label, columns):
    """A booster that reads some of the columns."""
    seen = np.full_like(rows, np.nan)
    seen[:, columns] = rows[:, columns]
    data = lgb.Dataset(seen, label, categorical_feature=[3], feature_name=list("abcd"))
    given = {"objective": "binary", "verbosity": -1, "num_leaves": 7, "num_threads": 1}
    return lgb.train(given | {"min_data_in_leaf": 5}, data, 10 + len(columns))


SHARES = np.array([0.5, 0.3, 0.2])


def test_a_pool_says_the_weighted_mean_of_its_boosters(boosters, rows):
    raws = [booster.predict(rows, raw_score=True) for booster in boosters]
    pool = pooled(boosters, SHARES)
    assert pool.num_trees() == sum(booster.num_trees() for booster in boosters)
    assert pool.feature_name() == list("abcd")
    mean = np.average(raws, axis=0, weights=SHARES)
    np.testing.assert_allclose(pool.predict(rows, raw_score=True), mean, rtol=0, atol=1e-12)


def test_a_pool_is_explained_by_the_weighted_mean_of_its_boosters_explanations(boosters, rows):
    parts = [Explainer.of(booster).contributions(rows) for booster in boosters]
    pool = pooled(boosters, SHARES)
    ours = Explainer.of(pool).contributions(rows)
    np.testing.assert_allclose(ours, np.average(parts, axis=0, weights=SHARES), rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours, pool.predict(rows, pred_contrib=True), rtol=0, atol=1e-9)


def test_a_booster_pooled_alone_predicts_the_same_bits(boosters, rows):
    for booster in boosters:
        same = pooled([booster], np.ones(1)).predict(rows, raw_score=True)
        assert (same == booster.predict(rows, raw_score=True)).all()


def test_a_pool_survives_its_own_text(boosters, rows, tmp_path):
    pool = pooled(boosters, SHARES)
    pool.save_model(tmp_path / "pool.txt")
    again = lgb.Booster(model_file=tmp_path / "pool.txt")
    assert (again.predict(rows) == pool.predict(rows)).all()


def some_opinions(rows, seed=0):
    random = np.random.default_rng(seed)
    truth = 2 * random.normal(size=rows)
    outcome = random.random(rows) < expit(truth - 1)
    return truth, outcome, random


def test_who_knows_nothing_gets_next_to_nothing():
    truth, outcome, random = some_opinions(20_000)
    raw = np.column_stack([truth, random.normal(size=20_000)])
    assert fit_shares(raw, outcome, np.ones(20_000))[0] > 0.95


def test_who_is_always_wrong_gets_nothing():
    truth, outcome, _ = some_opinions(5000)
    shares = fit_shares(np.column_stack([truth, -(truth**3)]), outcome, np.ones(5000))
    assert shares.tolist() == [1.0, 0.0]


def test_few_records_hardly_move_the_shares():
    truth, outcome, random = some_opinions(30)
    raw = np.column_stack([truth, random.normal(size=30)])
    np.testing.assert_allclose(fit_shares(raw, outcome, np.ones(30)), 0.5, atol=0.1)
    assert EQUALITY > 30


def test_equal_boosters_share_equally():
    truth, outcome, _ = some_opinions(2000)
    shares = fit_shares(np.column_stack([truth] * 3), outcome, np.ones(2000))
    np.testing.assert_allclose(shares, 1 / 3, atol=1e-6)


@given(seed=st.integers(0, 99), members=st.integers(1, 4), found=st.booleans())
def test_shares_sum_to_one_whatever_the_outcomes(seed, members, found):
    raw = np.random.default_rng(seed).normal(size=(50, members)) * 5
    shares = fit_shares(raw, np.full(50, found), np.ones(50))
    assert shares.shape == (members,)
    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1)
