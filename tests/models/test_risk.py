import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from models import FingerprintError, RiskModel, assess
from models.examples import OVERALL
from tests.models.synthetic import FEATURES, a_feature, a_feature_set, a_table, true_log_odds


def test_the_model_ranks_unseen_records_almost_as_well_as_the_truth(model, later):
    risk = model.score(later.table).frame["risk"]
    truth = roc_auc_score(later.outcome(), true_log_odds(later.table))
    assert roc_auc_score(later.outcome(), risk) > truth - 0.03


def test_risk_is_near_the_true_probability(model, later):
    risk = model.score(later.table).frame["risk"]
    error = np.abs(risk - expit(true_log_odds(later.table))).mean()
    assert error < 0.06


def test_scores_have_identity_first_then_overall_then_one_risk_an_offence(model, later):
    frame = model.score(later.table).frame
    assert frame.columns.tolist() == [
        *("declaration_id", "item_number", "known_at"),
        *("log_odds", "risk", "risk_drugs", "risk_fraud"),
    ]
    assert frame["declaration_id"].tolist() == later.table["declaration_id"].tolist()
    np.testing.assert_allclose(logit(frame["risk"]), frame["log_odds"], atol=1e-9)


def test_contributions_and_base_value_sum_to_the_log_odds(model, later):
    explanation = model.explain(later.table)
    log_odds = model.score(later.table).frame["log_odds"]
    assert explanation.contributions.shape == (len(later), 4)
    np.testing.assert_allclose(explanation.log_odds, log_odds, rtol=0, atol=1e-9)


def test_contributions_are_shapley_values_by_their_definition(model, later):
    """Brute force over every coalition, with the cover-weighted expectation of TreeSHAP."""
    head = model.heads[OVERALL]
    row = model.encoding.matrix(later.table.iloc[[3]])[0]
    trees = head.booster.dump_model()["tree_info"]
    names, features = range(len(row)), set(range(len(row)))

    def expectation(node, known):
        if "leaf_value" in node:
            return node["leaf_value"]
        sides = [node["left_child"], node["right_child"]]
        if node["split_feature"] in known:
            return expectation(sides[0 if goes_left(node, row) else 1], known)
        cover = [side.get("internal_count", side.get("leaf_count")) for side in sides]
        return np.average([expectation(side, known) for side in sides], weights=cover)

    def value(known):
        return sum(expectation(tree["tree_structure"], known) for tree in trees)

    values = {
        known: value(set(known))
        for size in range(len(row) + 1)
        for known in itertools.combinations(names, size)
    }
    n = len(row)
    for feature in names:
        others = sorted(features - {feature})
        shapley = 0.0
        for size in range(n):
            share = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for known in itertools.combinations(others, size):
                joined = tuple(sorted((*known, feature)))
                shapley += share * (values[joined] - values[known])
        ours = model.explain(later.table.iloc[[3]]).contributions[0, feature]
        assert ours == pytest.approx(head.calibration.slope * shapley, abs=1e-9)


def goes_left(node, row):
    value = row[node["split_feature"]]
    if node["decision_type"] == "==":
        return not np.isnan(value) and str(int(value)) in node["threshold"].split("||")
    if np.isnan(value) and node["missing_type"] == "NaN":
        return node["default_left"]
    return (0.0 if np.isnan(value) else value) <= node["threshold"]


def test_reasons_other_and_base_value_sum_to_the_log_odds(model, later):
    table = later.table.head(100)
    items = model.score(table).frame.set_index(["declaration_id", "item_number"])["log_odds"]
    assessed = assess(model, table, limit=2)
    assert [one.id for one in assessed] == list(table["declaration_id"].unique())
    for one in assessed:
        total = (
            one.base_value + one.other_contribution + sum(r["contribution"] for r in one.reasons)
        )
        assert total == pytest.approx(one.log_odds, abs=1e-9)
        assert one.log_odds == items.loc[one.id, one.item_number] == items.loc[[one.id]].max()
        assert len(one.reasons) == 2


def test_a_row_scores_the_same_alone_and_among_others(model, later):
    together = model.score(later.table).frame["log_odds"]
    for row in (0, 17, 799):
        alone = model.score(later.table.iloc[[row]]).frame["log_odds"].iloc[0]
        assert alone == together[row]


def test_an_unseen_level_scores_as_a_missing_one(model):
    table = a_table(8, seed=3)
    unseen = model.score(table.assign(origin="XX")).frame["log_odds"]
    missing = model.score(table.assign(origin=pd.Series([None] * 8, dtype="str")))
    assert unseen.tolist() == missing.frame["log_odds"].tolist()


def test_no_rows_give_no_scores(model, later):
    nothing = later.table.head(0)
    assert len(model.score(nothing).frame) == 0
    assert model.explain(nothing).contributions.shape == (0, 4)
    assert len(model.per_shipment(model.score(nothing))) == 0


def test_a_saved_model_scores_explains_and_ranks_the_same_to_the_last_bit(model, later, tmp_path):
    model.save(tmp_path)
    loaded = RiskModel.load(tmp_path, FEATURES)
    pd.testing.assert_frame_equal(
        loaded.score(later.table).frame, model.score(later.table).frame, check_exact=True
    )
    ours, theirs = loaded.explain(later.table), model.explain(later.table)
    assert (ours.contributions == theirs.contributions).all()
    assert ours.base_value == theirs.base_value
    assert loaded.novelty(later.table) == model.novelty(later.table)
    assert loaded.thresholds == model.thresholds
    assert loaded.tie_key == model.tie_key
    assert loaded.normals == model.normals
    assert loaded.related == model.related
    assert (loaded.periods, loaded.counts) == (model.periods, model.counts)


def test_a_loaded_model_explains_without_further_ado(model, tmp_path):
    model.save(tmp_path)
    assert "explainer" in vars(RiskModel.load(tmp_path, FEATURES).heads[OVERALL])


def test_a_saved_model_is_text_and_json_only(model, tmp_path):
    model.save(tmp_path)
    assert {file.suffix for file in tmp_path.iterdir()} == {".txt", ".json"}
    for file in tmp_path.iterdir():
        file.read_text(encoding="utf-8")
    json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))


def test_a_model_of_another_feature_set_is_refused(model, tmp_path):
    model.save(tmp_path)
    other = a_feature_set(*FEATURES.features[:-1], a_feature("speed"))
    with pytest.raises(FingerprintError, match=other.fingerprint[:12]):
        RiskModel.load(tmp_path, other)


def test_a_table_that_lacks_a_feature_is_refused(model, later):
    with pytest.raises(ValueError, match="gap"):
        model.score(later.table.drop(columns="gap"))


def test_a_record_unlike_those_of_training_is_novel(model, later):
    table = later.table.head(5)
    assert not any(one.is_novel for one in model.novelty(table))
    strange = model.novelty(table.assign(mass=1e12, gap=-1e12, origin="XX"))
    assert [one.is_novel for one in strange] == [True] * len(table)


def test_normals_are_medians_and_modes_of_training(model, examples):
    normals = model.normals.every
    assert normals["gap"].usual == pytest.approx(examples.table["gap"].median(), abs=0.01)
    assert normals["origin"].usual == examples.table["origin"].mode().iloc[0]
