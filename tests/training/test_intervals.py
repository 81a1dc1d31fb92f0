import numpy as np
import pytest
from scipy import stats

from tests.training.test_metrics import ranked
from training.intervals import bootstrap, calibration_by_chance, headline_intervals
from training.metrics import Ranked, expected_calibration_error, headline


def drawn(size, seed, slope=1.0):
    random = np.random.default_rng(seed)
    log_odds = random.normal(-1.5, 1.5, size)
    risk = 1 / (1 + np.exp(-log_odds))
    return ranked(random.random(size) < 1 / (1 + np.exp(-slope * log_odds)), risk)


def test_intervals_agree_with_scipys_bootstrap():
    values = np.random.default_rng(0).exponential(size=200)
    ours = bootstrap(
        lambda count: {"mean": float(count @ values / count.sum())},
        200,
        np.random.default_rng(1),
        4000,
    )["mean"]
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_equal_generators_give_equal_intervals():
    frame = drawn(300, seed=0)
    first, second = (headline_intervals(frame, np.random.default_rng(7)) for _ in range(2))
    assert first == second
    assert headline_intervals(frame, np.random.default_rng(8)) != first


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    truth = headline(Ranked.of(drawn(200_000, seed=1)))["roc_auc"]
    held = 0
    for seed in range(60):
        ranks, random = Ranked.of(drawn(400, seed=100 + seed)), np.random.default_rng(seed)
        draws = bootstrap(lambda count, r=ranks: headline(r.times(count)), 400, random, 200)
        low, high = draws["roc_auc"]
        held += low <= truth <= high
    assert held >= 51  # of 60; fewer would come of a true 95 % once in two thousand times


def test_a_weight_widens_the_interval_of_what_few_shipments_stand_for():
    frame = drawn(500, seed=2)
    frame["weight"] = np.where(np.arange(500) % 10 == 0, 30.0, 1.0)
    spread = {
        weighted: np.subtract(*intervals["roc_auc"][::-1])
        for weighted in (False, True)
        for intervals in [headline_intervals(frame, np.random.default_rng(0), weighted=weighted)]
    }
    assert spread[True] > 1.5 * spread[False]


def test_exact_risks_stay_below_the_error_of_chance_and_false_ones_do_not():
    exact, wrong = (Ranked.of(drawn(2000, seed=3, slope=slope)) for slope in (1.0, 0.3))
    for one, stays in ((exact, True), (wrong, False)):
        error = expected_calibration_error(one.outcome, one.risk, one.weight)
        assert (error <= calibration_by_chance(one, np.random.default_rng(0))) is stays


def test_a_figure_that_some_resample_leaves_undefined_has_no_interval():
    frame = drawn(50, seed=4).assign(outcome=False)
    frame.loc[frame.index[0], "outcome"] = True
    intervals = headline_intervals(frame, np.random.default_rng(0))
    assert "precision_at_5pct" in intervals
    assert "roc_auc" not in intervals
