import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.calibration import Platt


def test_line_agrees_with_unregularised_logistic_regression():
    random = np.random.default_rng(0)
    raw = random.normal(size=4000)
    outcome = random.random(4000) < expit(0.5 * raw - 1)
    weight = random.uniform(0.5, 2, 4000)
    ours = Platt.fit(raw, outcome, weight)
    theirs = LogisticRegression(C=np.inf).fit(raw[:, None], outcome, sample_weight=weight)
    # Platt's targets lie about 1/1000 inside 0 and 1, hence the tolerance.
    assert ours.slope == pytest.approx(theirs.coef_[0, 0], abs=0.01)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=0.01)


@given(
    raw=arrays(float, 30, elements=st.floats(-20, 20)),
    outcome=arrays(bool, 30),
)
def test_calibration_never_reorders_whatever_the_outcomes(raw, outcome):
    fitted = Platt.fit(raw, outcome, np.ones(30))
    assert fitted.slope > 0
    order = np.argsort(raw, kind="stable")
    assert (np.diff(fitted.log_odds(raw)[order]) >= 0).all()


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (-30.0, 0.01), (5.0, 100.0)])
def test_fit_does_not_depend_on_where_raw_log_odds_lie(shift, scale):
    random = np.random.default_rng(0)
    raw = random.normal(size=2000)
    outcome = random.random(2000) < expit(2 * raw - 1)
    plain = Platt.fit(raw, outcome, np.ones(2000)).log_odds(raw)
    moved = shift + scale * raw
    fitted = Platt.fit(moved, outcome, np.ones(2000)).log_odds(moved)
    np.testing.assert_allclose(fitted, plain, atol=1e-3)


def test_a_ranking_that_is_upside_down_is_flattened_and_not_turned_over():
    raw = np.linspace(-3, 3, 200)
    fitted = Platt.fit(raw, raw < 0, np.ones(200))
    assert 0 < fitted.slope < 0.05


def test_outcomes_without_an_offence_give_a_finite_low_risk():
    fitted = Platt.fit(np.linspace(-1, 1, 50), np.zeros(50, bool), np.ones(50))
    assert expit(fitted.log_odds(np.array([0.0])))[0] == pytest.approx(1 / 52, rel=0.3)


@pytest.mark.parametrize("slope", [0.0, -1.0, float("nan"), float("inf")])
def test_a_slope_that_is_not_positive_and_finite_is_refused(slope):
    with pytest.raises(ValueError, match="positive slope"):
        Platt(slope, 0.0)


def test_a_line_survives_json():
    line = Platt(0.1 + 0.2, -1 / 3)
    assert Platt.from_json(line.to_json()) == line
