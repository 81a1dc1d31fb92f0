"""Weighted draws agree with the weights, and with slow, obvious draws."""

import numpy as np
import pytest

from training.simulation.draw import Pool, by_row, weighted, zipf


def test_weighted_draws_follow_the_weights():
    weights = np.array([0.0, 1.0, 3.0, 0.0])
    drawn = weighted(np.random.default_rng(0), weights, 40_000)
    shares = np.bincount(drawn, minlength=4) / 40_000
    assert np.allclose(shares, weights / 4, atol=0.01)


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(ValueError, match="expected a positive total weight"):
        weighted(np.random.default_rng(0), np.zeros(3), 5)


def test_row_draws_follow_their_own_row():
    matrix = np.array([[1.0, 0.0, 1.0], [0.0, 5.0, 0.0]])
    rows = np.repeat([0, 1], 10_000)
    drawn = by_row(np.random.default_rng(0), matrix, rows)
    assert set(drawn[rows == 1]) == {1}
    assert abs((drawn[rows == 0] == 2).mean() - 0.5) < 0.02


def test_a_pool_draws_members_of_the_wanted_group_by_weight():
    rng = np.random.default_rng(0)
    groups, weights = rng.integers(0, 4, 50), rng.pareto(1.0, 50) + 0.1
    wanted = rng.integers(0, 4, 200_000)
    drawn = Pool.of(groups, weights, 4).draw(rng, wanted)
    assert (groups[drawn] == wanted).all()
    for group in range(4):
        expected = np.where(groups == group, weights, 0) / weights[groups == group].sum()
        shares = np.bincount(drawn[wanted == group], minlength=50) / (wanted == group).sum()
        assert np.allclose(shares, expected, atol=0.015)


def test_zipf_weights_sum_to_one_and_fall_as_a_power():
    weights = np.sort(zipf(np.random.default_rng(0), 100, 1.25))[::-1]
    assert weights.sum() == pytest.approx(1)
    assert weights[0] / weights[9] == pytest.approx(10**1.25)
