"""What inspections say of all traffic, where rules chose most of them and the truth is known."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from models import Examples
from tests.models.synthetic import FEATURES, some_examples, true_log_odds
from training.intervals import bootstrap
from training.judged import judged_shipments
from training.metrics import Ranked, headline, inspected, ranking_metrics
from training.simulation import simulate
from training.simulation.control.controls import OFFENCES, TYPOLOGIES, results
from training.simulation.control.shipments import TYPE_SHARES
from training.truth import against_truth, findable, present

DRAWS = 40


@pytest.fixture(scope="module")
def traffic():
    """Every shipment with what is in it; a rule would pick those it suspects."""
    return some_examples(6000, seed=11)


def rule(table):
    """Probabilities of selection: one in fifty at random, the suspected far more often."""
    suspicion = expit(3 * table["gap"].fillna(0).to_numpy() - 2)
    return pd.Series(0.02 + 0.5 * suspicion).groupby(table["declaration_id"].to_numpy()).max()


def selected(traffic, random):
    """Labels of one draw of inspections, whole shipments at a time."""
    chance = rule(traffic.table)
    drawn = chance.index[random.random(len(chance)) < chance]
    examples = traffic.take(traffic.table["declaration_id"].isin(drawn).to_numpy())
    probability = examples.table["declaration_id"].map(chance)
    return Examples(examples.table, examples.labels.assign(selection_probability=probability))


@pytest.fixture(scope="module")
def draws(traffic, fitted):
    random = np.random.default_rng(0)
    return [judged_shipments(fitted, selected(traffic, random)) for _ in range(DRAWS)]


@pytest.mark.parametrize(
    "name", ["precision_at_5pct", "recall_at_10pct", "average_precision", "base_rate", "brier"]
)
def test_weights_bring_an_estimate_nearer_to_the_truth(draws, traffic, fitted, name):
    truth = ranking_metrics(judged_shipments(fitted, traffic))[name]
    plain = np.array([ranking_metrics(draw)[name] for draw in draws])
    corrected = np.array([ranking_metrics(draw, weighted=True)[name] for draw in draws])
    assert abs(corrected - truth).mean() < abs(plain - truth).mean()
    standard_error = corrected.std() / np.sqrt(DRAWS)
    assert abs(corrected.mean() - truth) < 4 * standard_error
    assert abs(plain.mean() - truth) > 4 * standard_error


def test_weighted_intervals_hold_the_truth_where_plain_ones_miss_it(draws, traffic, fitted):
    truth = ranking_metrics(judged_shipments(fitted, traffic))["recall_at_10pct"]
    held = {
        weighted: sum(
            low <= truth <= high for low, high in (interval(d, weighted) for d in draws[:20])
        )
        for weighted in (False, True)
    }
    assert held[True] >= 16  # of 20; fewer would come of a true 95 % once in 400 times
    assert held[False] < 10


def interval(frame, weighted):
    ranked = Ranked.of(frame, weighted=weighted)
    random = np.random.default_rng(0)
    intervals = bootstrap(lambda count: headline(ranked.times(count)), len(frame), random, 200)
    return intervals["recall_at_10pct"]


def test_what_is_there_is_told_of_every_shipment_inspected_or_not(tmp_path):
    simulate(tmp_path, days=14, end=date(2025, 6, 1), seed=1, scale=0.2)
    there = present(tmp_path, FEATURES)
    items = pd.read_parquet(tmp_path / "truth" / "declarations.parquet")
    assert set(there.index) == set(items["declaration_id"])
    guilty = items.dropna(subset="offence")
    assert len(guilty) > 0
    for declaration, offence in zip(guilty["declaration_id"], guilty["offence"], strict=True):
        assert there.loc[declaration, offence] == 1
    honest = ~there.index.isin(guilty["declaration_id"])
    assert not there.to_numpy()[honest].any()


def test_what_is_findable_is_what_controls_find_of_what_they_label():
    there = pd.DataFrame(np.eye(len(OFFENCES)), columns=list(OFFENCES))
    chance = findable(there, FEATURES).to_numpy().diagonal()
    random, size = np.random.default_rng(0), 200_000
    for offence, expected in zip(OFFENCES, chance, strict=True):
        kinds = [row for row, kind in enumerate(TYPOLOGIES) if kind.offence == offence]
        control = random.choice(3, size, p=TYPE_SHARES[1])
        result = results(random, np.full(size, kinds[0]), control)
        labelled = (result == 1) | ((result == 0) & (control != 1))
        assert (result[labelled] == 1).mean() == pytest.approx(expected, abs=0.02)


def test_figures_beside_the_truth_are_those_of_all_traffic(traffic, fitted):
    ids = traffic.table["declaration_id"].to_numpy()
    labels = traffic.labels[["found_drugs", "found_fraud"]].astype(float).groupby(ids).max()
    truth = labels.rename(columns=lambda name: name.removeprefix("found_"))
    judged = judged_shipments(fitted, traffic)
    figures = against_truth(fitted, traffic.table, judged, truth)
    known = ranking_metrics(judged)
    assert figures["precision_at_5pct"] == pytest.approx(known["precision_at_5pct"])
    assert figures["share"] == pytest.approx(known["base_rate"])
    error = known["expected_calibration_error"]
    assert figures["expected_calibration_error_overall"] == pytest.approx(error, abs=2e-3)
    top = inspected(np.ones(len(judged)), 5)
    assert figures["precision_at_5pct"] == judged.loc[top, "outcome"].mean()
    assert {"expected_calibration_error_drugs", "expected_calibration_error_fraud"} <= set(figures)


def test_the_rule_of_these_tests_follows_the_risk(traffic):
    chance = traffic.table["declaration_id"].map(rule(traffic.table)).to_numpy()
    assert np.corrcoef(chance, true_log_odds(traffic.table))[0, 1] > 0.5
