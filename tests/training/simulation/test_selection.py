"""The logged probability is the probability."""

import numpy as np
import pytest

from training.simulation.control.selection import IN_TRADE, NOTHING, select

POINTS = np.random.default_rng(1).normal(1.0, 1.0, 200_000)


def test_the_rule_uses_its_capacity_and_the_lot_its_share():
    chosen = select(np.random.default_rng(0), POINTS, IN_TRADE)
    assert chosen.rule.mean() == pytest.approx(IN_TRADE.rule, abs=0.003)
    assert chosen.random.mean() == pytest.approx(IN_TRADE.random, abs=0.002)


def test_the_logged_probability_is_how_often_shipments_are_inspected():
    chosen = select(np.random.default_rng(0), POINTS, IN_TRADE)
    assert ((chosen.probability > IN_TRADE.random) & (chosen.probability <= 1)).all()
    for low, high in [(0.02, 0.03), (0.03, 0.1), (0.1, 0.3), (0.3, 1.01)]:
        rows = (chosen.probability >= low) & (chosen.probability < high)
        expected = chosen.probability[rows].mean()
        assert chosen.inspected[rows].mean() == pytest.approx(expected, rel=0.08)


def test_the_lot_does_not_look_at_the_points():
    chosen = select(np.random.default_rng(0), POINTS, IN_TRADE)
    assert POINTS[chosen.random].mean() == pytest.approx(POINTS.mean(), abs=0.05)
    assert POINTS[chosen.rule].mean() > POINTS.mean() + 0.8


def test_a_policy_of_nothing_takes_nobody():
    assert not select(np.random.default_rng(0), POINTS, NOTHING).inspected.any()
