from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import Examples, fit_model, fitting
from tests.models.synthetic import FEATURES, QUICK, a_feature_set, some_examples


def fit(examples, settings=QUICK, features=FEATURES):
    return fit_model(features, examples, settings, np.random.default_rng(0))


def test_the_same_rows_settings_and_seed_give_the_same_model(examples, model, tmp_path):
    fit(examples).save(tmp_path / "again")
    model.save(tmp_path / "first")
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_an_offence_with_too_few_positives_has_no_head(examples):
    positives = examples.positives("drugs", "declaration_id")
    enough = fit(examples, replace(QUICK, offence_positives=positives))
    assert "drugs" in enough.offences
    too_few = fit(examples, replace(QUICK, offence_positives=positives + 1))
    assert "drugs" not in too_few.offences


def test_calibration_and_thresholds_do_not_see_the_records_the_trees_grew_on(examples, model):
    """The trees know nothing of later outcomes: turned over, these leave no slope at all."""
    since = pd.Timestamp(model.periods["calibration_first"])
    late = (examples.table["known_at"] >= since).to_numpy()
    assert late.mean() == pytest.approx(0.2, abs=0.01)
    labels = examples.labels.assign(outcome=examples.outcome() ^ late)
    every_feature = replace(QUICK, feature_fraction=1.0)
    turned = fit(Examples(examples.table, labels), every_feature)
    straight = fit(examples, every_feature)
    slopes = [m.heads["overall"].calibration.slope for m in (turned, straight)]
    assert slopes[0] < 0.1
    assert slopes[1] > 0.5


def test_no_tree_reads_columns_of_two_views(examples, monkeypatch):
    parts = (np.array([0, 2]), np.array([1, 3]))
    monkeypatch.setattr(fitting, "views", lambda _features: parts)
    booster = fit(examples).heads["overall"].booster
    read = [set(tree["split_feature"]) for tree in booster.trees_to_dataframe().pipe(by_tree)]
    sides = [tuple(not columns.isdisjoint(names_of(part)) for part in parts) for columns in read]
    assert set(sides) == {(True, False), (False, True)}


def by_tree(nodes):
    return [rows for _, rows in nodes.dropna(subset="split_feature").groupby("tree_index")]


def names_of(part):
    return {FEATURES.names[column] for column in part}


@pytest.mark.parametrize("trend", [1, -1])
def test_risk_never_goes_against_the_trend_of_a_feature(examples, trend):
    gap = replace(FEATURES["gap"], trend=trend)
    model = fit(examples, features=a_feature_set(gap, *FEATURES.features[1:]))
    row = examples.table.head(1)
    rising = pd.concat([row] * 200, ignore_index=True).assign(gap=np.linspace(-3, 3, 200))
    steps = np.diff(model.score(rising).frame["log_odds"])
    assert (trend * steps >= 0).all()
    assert steps.any() or trend < 0


def test_results_not_known_before_calibration_do_not_grow_its_trees(examples):
    late_labels = examples.labels.assign(
        label_known_at=examples.table["known_at"] + pd.Timedelta(days=720)
    )
    with pytest.raises(ValueError, match="known before"):
        fit(Examples(examples.table, late_labels))


@pytest.mark.parametrize("outcome", [True, False])
def test_one_kind_of_outcome_only_is_refused(examples, outcome):
    labels = examples.labels.assign(outcome=outcome)
    with pytest.raises(ValueError, match="both offences and clear results"):
        fit(Examples(examples.table, labels))


def test_no_examples_are_refused(examples):
    with pytest.raises(ValueError, match="got none"):
        fit(examples.take(np.zeros(len(examples), dtype=bool)))


def test_weights_count_like_repeated_rows():
    examples = some_examples(1200)
    heavy = np.arange(len(examples)) % 2 == 0
    weighted = Examples(examples.table, examples.labels.assign(weight=np.where(heavy, 3.0, 1.0)))
    base = fit(examples).score(examples.table).frame["risk"]
    shifted = fit(weighted).score(examples.table).frame["risk"]
    assert not np.allclose(base, shifted)


def test_periods_and_counts_say_what_was_learnt_from(examples, model):
    assert model.counts["rows"] == len(examples)
    assert model.counts["subjects"] == examples.table["declaration_id"].nunique()
    assert model.counts["positives_overall"] <= model.counts["subjects"]
    assert pd.Timestamp(model.periods["training_last"]) == examples.table["known_at"].max()
    assert pd.Timestamp(model.periods["known_last"]) == examples.labels["label_known_at"].max()
