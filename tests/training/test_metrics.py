import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from training.metrics import (
    INSPECTION_RATES_PCT,
    Ranked,
    at_inspection_rate,
    expected_calibration_error,
    headline,
    inspected,
    ranking_metrics,
)


def ranked(outcome, risk, revenue=None, weight=None):
    """Ranked shipments of these outcomes, the riskiest first."""
    order = np.argsort(-np.asarray(risk), kind="stable")
    frame = pd.DataFrame({"outcome": outcome, "risk": risk}).iloc[order]
    frame["log_odds"] = np.log(frame["risk"] / (1 - frame["risk"]))
    frame["revenue"] = np.nan if revenue is None else np.asarray(revenue, dtype=float)[order]
    frame["weight"] = 1.0 if weight is None else np.asarray(weight, dtype=float)[order]
    return frame.reset_index(drop=True)


def drawn(n=1000, seed=0):
    random = np.random.default_rng(seed)
    risk = random.uniform(0.01, 0.99, n)
    return random.random(n) < risk, risk


@pytest.mark.parametrize("rate_pct", INSPECTION_RATES_PCT)
def test_precision_and_recall_agree_with_scikit_learn_at_the_same_cut(rate_pct):
    outcome, risk = drawn()
    figures = ranking_metrics(ranked(outcome, risk))
    cut = np.sort(risk)[::-1][rate_pct * 10 - 1]
    assert figures[f"precision_at_{rate_pct}pct"] == precision_score(outcome, risk >= cut)
    assert figures[f"recall_at_{rate_pct}pct"] == recall_score(outcome, risk >= cut)


def test_figures_are_those_known_by_construction():
    # 100 shipments; offences at ranks 1, 2, 4 and 60; revenue 10, 20, none and 70.
    outcome = np.zeros(100, bool)
    outcome[[0, 1, 3, 59]] = True
    revenue = np.full(100, np.nan)
    revenue[[0, 1, 59]] = [10, 20, 70]
    figures = ranking_metrics(ranked(outcome, np.linspace(0.99, 0.01, 100), revenue))
    assert figures["precision_at_5pct"] == 3 / 5
    assert figures["precision_at_5pct_attainable"] == 4 / 5
    assert figures["recall_at_5pct"] == 3 / 4
    assert figures["recall_at_5pct_attainable"] == 1.0
    assert figures["recall_at_2pct_attainable"] == 2 / 4
    assert figures["revenue_recall_at_5pct"] == pytest.approx(0.3)
    assert figures["revenue_recall_at_5pct_attainable"] == 1.0
    assert figures["revenue_recall_at_2pct_attainable"] == pytest.approx(0.9)
    assert figures["base_rate"] == 0.04


@given(
    outcome=st.lists(st.booleans(), min_size=1, max_size=60),
    weights=st.data(),
    rate_pct=st.sampled_from(INSPECTION_RATES_PCT),
)
def test_no_ranking_beats_the_attainable_and_the_best_one_reaches_it(outcome, weights, rate_pct):
    outcome = np.array(outcome)
    revenue = np.array(
        weights.draw(st.lists(st.floats(0, 1e6), min_size=len(outcome), max_size=len(outcome)))
    )
    ones = np.ones(len(outcome))
    figures = at_inspection_rate(outcome, revenue, ones, rate_pct)
    best = np.argsort(~outcome, kind="stable")
    at_best = at_inspection_rate(outcome[best], revenue[best], ones, rate_pct)
    for name in ("precision", "recall"):
        if f"{name}_at_{rate_pct}pct" not in figures:
            assert not outcome.any()
            continue
        attainable = figures[f"{name}_at_{rate_pct}pct_attainable"]
        assert figures[f"{name}_at_{rate_pct}pct"] <= attainable + 1e-12
        assert at_best[f"{name}_at_{rate_pct}pct"] == pytest.approx(attainable)
    by_revenue = np.argsort(-revenue, kind="stable")
    richest = at_inspection_rate(outcome[by_revenue], revenue[by_revenue], ones, rate_pct)
    name = f"revenue_recall_at_{rate_pct}pct"
    if name in figures:
        assert figures[name] <= figures[f"{name}_attainable"] * (1 + 1e-9)
        assert richest[name] == pytest.approx(figures[f"{name}_attainable"])


@given(n=st.integers(1, 3000), rate_pct=st.sampled_from(INSPECTION_RATES_PCT))
def test_a_rate_inspects_its_share_rounded_up(n, rate_pct):
    assert inspected(np.ones(n), rate_pct).sum() == -(-n * rate_pct // 100)


def test_weights_count_like_repeated_shipments():
    outcome, risk = drawn(400)
    weight = np.random.default_rng(1).integers(1, 4, 400)
    weighted = ranking_metrics(ranked(outcome, risk, weight=weight), weighted=True)
    repeated = ranking_metrics(ranked(outcome.repeat(weight), risk.repeat(weight)))
    for name in ("average_precision", "roc_auc", "brier", "base_rate"):
        assert weighted[name] == pytest.approx(repeated[name])
    assert weighted["precision_at_10pct"] == pytest.approx(
        repeated["precision_at_10pct"], abs=3 / (0.1 * weight.sum())
    )


def test_calibration_error_agrees_with_scikit_learns_curve_on_equal_bins():
    outcome, risk = drawn(1500)
    observed, predicted = calibration_curve(outcome, risk, n_bins=15, strategy="quantile")
    ours = expected_calibration_error(outcome, risk, np.ones(1500))
    assert ours == pytest.approx(np.abs(observed - predicted).mean(), abs=1e-3)


def test_calibration_error_of_true_risks_is_small_and_of_a_shift_is_the_shift():
    outcome, risk = drawn(100_000)
    ones = np.ones(len(risk))
    assert expected_calibration_error(outcome, risk, ones) < 0.01
    shifted = expected_calibration_error(outcome, risk + 0.2, ones)
    assert shifted == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("value", [True, False])
def test_what_one_kind_of_outcome_leaves_undefined_is_left_out(value):
    figures = ranking_metrics(ranked([value] * 20, np.linspace(0.1, 0.9, 20)))
    assert "roc_auc" not in figures
    assert ("average_precision" in figures) is value
    assert ("recall_at_5pct" in figures) is value
    assert np.isfinite(list(figures.values())).all()


def test_no_shipments_give_counts_only():
    assert ranking_metrics(ranked([], [])) == {"shipments": 0.0, "offences": 0.0}


def test_areas_agree_with_scikit_learn_also_where_risks_are_equal():
    outcome, risk = drawn(500)
    frame = ranked(outcome, risk.round(1).clip(0.05, 0.95), weight=1 + 9 * risk)
    for weighted in (False, True):
        weight = frame["weight"] if weighted else np.ones(500)
        figures = ranking_metrics(frame, weighted=weighted)
        said = (frame["outcome"], frame["log_odds"])
        assert figures["average_precision"] == pytest.approx(
            average_precision_score(*said, sample_weight=weight)
        )
        assert figures["roc_auc"] == pytest.approx(roc_auc_score(*said, sample_weight=weight))
        assert figures["brier"] == pytest.approx(
            brier_score_loss(frame["outcome"], frame["risk"], sample_weight=weight)
        )


@given(
    outcome=st.lists(st.booleans(), min_size=1, max_size=40),
    weight=st.data(),
)
def test_the_headline_told_of_cumulated_sums_is_the_slow_metrics(outcome, weight):
    size = len(outcome)
    weights = weight.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size).filter(any))
    frame = ranked(outcome, np.linspace(0.9, 0.1, size), weight=weights)
    slow = ranking_metrics(frame, weighted=True)
    fast = headline(Ranked.of(frame, weighted=True))
    assert fast == pytest.approx({name: slow[name] for name in fast})
    assert set(fast) >= {"precision_at_5pct"}
