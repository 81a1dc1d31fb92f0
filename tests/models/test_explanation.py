"""Contributions beside LightGBM's own, and beside the definition of Shapley values."""

import itertools
import math
from fractions import Fraction

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import TidewaiterError
from models.explanation import Explainer
from models.explanation.forest import Forest
from models.explanation.kernel import ROWS, ZERO
from models.explanation.plan import lay_out

EXACT = {"rtol": 0, "atol": 1e-9}
CATEGORY = 2
ODD = [np.nan, 0.0, -0.0, ZERO, -ZERO, 2 * ZERO, np.inf, -np.inf, -0.5, -1.0, -7.0, 2.9, 1e9, 3e9]


def some_rows(random, rows, features=6):
    """Numbers with zeros and gaps, few distinct ones in some columns, and a category."""
    matrix = random.normal(size=(rows, features))
    matrix[:, 0] = random.integers(0, 4, rows)
    matrix[:, CATEGORY] = random.integers(0, 70, rows)
    matrix[random.random(matrix.shape) < 0.15] = np.nan
    matrix[random.random(matrix.shape) < 0.1] = 0.0
    return matrix


def strange_rows(random, rows, features=6):
    """As records may come that are like nothing in training."""
    matrix = some_rows(random, rows, features)
    strange = random.random(matrix.shape) < 0.2
    matrix[strange] = random.choice(ODD, strange.sum())
    return matrix


def grown(random, rows=600, features=6, trees=8, label=None, **parameters):
    matrix = some_rows(random, rows, features)
    if label is None:
        known = np.nan_to_num(matrix)
        raw = known[:, 1] * known[:, 3] + np.sin(known[:, CATEGORY]) + np.isnan(matrix[:, 0])
        label = random.random(rows) < 1 / (1 + np.exp(-raw))
    given = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 1}
    given |= {"min_data_per_group": 1, "cat_smooth": 1.0, "max_cat_threshold": 64} | parameters
    data = lgb.Dataset(matrix, label, categorical_feature=[CATEGORY], params={"verbosity": -1})
    return lgb.train(given, data, trees)


def check(booster, rows):
    """Equal to LightGBM's, and summing to the score."""
    ours = Explainer.of(booster).contributions(rows)
    theirs = booster.predict(rows, pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(ours, theirs, **EXACT)
    raw = booster.predict(rows, raw_score=True, num_threads=1)
    np.testing.assert_allclose(ours.sum(axis=1), raw, **EXACT)


@given(
    seed=st.integers(0, 2**32 - 1),
    leaves=st.integers(2, 40),
    parameters=st.fixed_dictionaries(
        {
            "use_missing": st.booleans(),
            "zero_as_missing": st.booleans(),
            "max_depth": st.sampled_from([-1, 2, 5]),
            "min_data_in_leaf": st.sampled_from([1, 20]),
            "max_cat_to_onehot": st.sampled_from([1, 100]),
            "boosting": st.sampled_from(["gbdt", "dart"]),
            "extra_trees": st.booleans(),
        }
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_contributions_are_lightgbms_for_any_model_and_any_row(seed, leaves, parameters):
    random = np.random.default_rng(seed)
    booster = grown(random, num_leaves=leaves, seed=seed % 1000, **parameters)
    check(booster, strange_rows(random, 40))


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [({}, 2), ({"zero_as_missing": True}, 1), ({"use_missing": False}, 0)],
)
def test_the_models_of_these_tests_have_what_they_are_about(parameters, missing):
    """Every way of missing, categories, and features that come again on a path."""
    forest = Forest.of(grown(np.random.default_rng(0), num_leaves=31, **parameters))
    assert {int(kind) for tree in forest.trees for kind in tree.missing[~tree.categorical]} == {
        missing
    }
    assert any(tree.categorical.any() for tree in forest.trees)
    assert any(tree.default_left.any() for tree in forest.trees) or not missing
    assert (lay_out(forest).nodes["earlier"] > 0).any()


def exact_contributions(tree, row, features):
    """Leaf by leaf in fractions, from the sizes of coalitions that the row and the shares allow."""
    found = [Fraction(0)] * features
    waiting = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if node < 0:
            value = Fraction(float(tree.leaf_values[~node]))
            for feature, (met, share) in path.items():
                others = [asked for name, asked in path.items() if name != feature]
                found[feature] += value * (met - share) * averaged(others)
            continue
        feature, left = int(tree.features[node]), Fraction(float(tree.left_shares[node]))
        goes = goes_left(tree, node, row[feature])
        met, share = path.get(feature, (1, Fraction(1)))
        for child, own, part in zip(
            tree.children[node], (goes, not goes), (left, 1 - left), strict=True
        ):
            waiting.append((int(child), path | {feature: (met * int(own), share * part)}))
    return [float(one) for one in found]


def averaged(others):
    """Average over the orders of features of the product that a coalition leaves of a leaf."""
    sums = [Fraction(1)]  # by the size of the coalition
    for met, share in others:
        sums = [a * share + b * met for a, b in zip([*sums, 0], [0, *sums], strict=True)]
    n = len(others)
    return sum(one / (math.comb(n, size) * (n + 1)) for size, one in enumerate(sums))


def test_contributions_of_very_deep_trees_are_exact():
    """Chains of 34 different features, where LightGBM's own lose half their digits."""
    random = np.random.default_rng(0)
    matrix = (random.random((4000, 34)) < 0.9).astype(float)
    run = np.argmin(np.hstack([matrix, np.zeros((4000, 1))]), axis=1)
    data = lgb.Dataset(matrix, run.astype(float), params={"verbosity": -1})
    given = {"objective": "regression", "num_leaves": 36, "min_data_in_leaf": 1, "verbosity": -1}
    booster = lgb.train(given | {"num_threads": 1}, data, 1)
    forest = Forest.of(booster)
    assert lay_out(forest).trees["turns"].max() >= 3
    ours = Explainer.of(booster).contributions(matrix[:20])
    exact = exact_contributions(*forest.trees, matrix[0], 34)
    np.testing.assert_allclose(ours[0, :-1], exact, rtol=0, atol=1e-12)
    theirs = booster.predict(matrix[:20], pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.sum(axis=1), booster.predict(matrix[:20]), **EXACT)


def test_trees_of_a_single_leaf_give_a_base_value_alone():
    booster = grown(np.random.default_rng(0), min_data_in_leaf=10_000)
    assert [len(tree.features) for tree in Forest.of(booster).trees] == [0]
    check(booster, some_rows(np.random.default_rng(1), 5))


def test_trees_of_a_single_leaf_may_stand_among_others():
    random = np.random.default_rng(0)
    booster = grown(random, rows=60, trees=30, min_gain_to_split=3.0, min_data_in_leaf=5)
    text = booster.model_to_string()
    stump = grown(random, min_data_in_leaf=10_000).model_to_string().split("\nTree=0\n")[1]
    tree = stump.split("\nend of trees")[0]
    joined = text.replace("\nend of trees", f"\nTree=30\n{tree}\nend of trees")
    joined = "".join(line for line in joined.splitlines(True) if not line.startswith("tree_sizes"))
    check(lgb.Booster(model_str=joined), some_rows(random, 5))


def test_only_the_trees_that_predict_are_explained():
    booster = grown(np.random.default_rng(0), trees=12)
    booster.best_iteration = 5
    check(booster, some_rows(np.random.default_rng(1), 20))


def test_numbers_of_a_model_are_read_to_the_last_bit():
    booster = grown(np.random.default_rng(0), num_leaves=31)
    for tree, dumped in zip(
        Forest.of(booster).trees, booster.dump_model()["tree_info"], strict=True
    ):
        nodes, leaves = _walk(dumped["tree_structure"])
        for number, node in nodes.items():
            if node["decision_type"] == "<=":
                # JSON has no infinity, the text has.
                assert min(tree.thresholds[number], 1e300) == node["threshold"]
        assert tree.leaf_values.tolist() == [leaves[i]["leaf_value"] for i in range(len(leaves))]


def _walk(node):
    nodes, leaves, waiting = {}, {}, [node]
    while waiting:
        one = waiting.pop()
        if "leaf_index" in one:
            leaves[one["leaf_index"]] = one
        else:
            nodes[one["split_index"]] = one
            waiting += [one["left_child"], one["right_child"]]
    return nodes, leaves


def expectation(tree, row, known, node=0):
    """What a tree is expected to say of a row of which some features are known."""
    if node < 0:
        return tree.leaf_values[~node]
    feature = tree.features[node]
    left, right = (expectation(tree, row, known, child) for child in tree.children[node])
    if feature in known:
        return left if goes_left(tree, node, row[feature]) else right
    return tree.left_shares[node] * left + (1 - tree.left_shares[node]) * right


def goes_left(tree, node, value):
    if tree.categorical[node]:
        first, last = tree.category_starts[int(tree.thresholds[node]) :][:2]
        words = tree.category_words[first:last]
        members = {i for i in range(32 * len(words)) if words[i // 32] >> np.uint32(i % 32) & 1}
        return not np.isnan(value) and int(value) in members
    gone = np.isnan(value) or (tree.missing[node] == 1 and abs(value) <= ZERO)
    if gone and tree.missing[node]:
        return tree.default_left[node]
    return np.nan_to_num(value, posinf=np.inf, neginf=-np.inf) <= tree.thresholds[node]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("zero_as_missing", [False, True])
def test_contributions_are_shapley_values_by_their_definition(seed, zero_as_missing):
    """Brute force over every coalition of the features."""
    random = np.random.default_rng(seed)
    booster = grown(random, trees=3, num_leaves=12, zero_as_missing=zero_as_missing)
    trees = Forest.of(booster).trees
    rows = some_rows(random, 3)
    ours = Explainer.of(booster).contributions(rows)
    n = rows.shape[1]
    for row, contributions in zip(rows, ours, strict=True):
        value = {
            known: sum(expectation(tree, row, known) for tree in trees)
            for size in range(n + 1)
            for known in itertools.combinations(range(n), size)
        }
        for feature in range(n):
            shapley = sum(
                math.factorial(len(known))
                * math.factorial(n - len(known) - 1)
                / math.factorial(n)
                * (value[tuple(sorted({*known, feature}))] - value[known])
                for known in value
                if feature not in known
            )
            assert contributions[feature] == pytest.approx(shapley, abs=1e-9)
        assert contributions[-1] == pytest.approx(value[()], abs=1e-9)


def test_a_row_is_explained_to_the_same_bits_alone_and_among_others():
    random = np.random.default_rng(0)
    explainer = Explainer.of(grown(random, num_leaves=31, trees=20))
    rows = strange_rows(random, 3 * ROWS + 5)
    together = explainer.contributions(rows)
    alone = np.vstack([explainer.contributions(rows[[i]]) for i in range(len(rows))])
    assert together.tobytes() == alone.tobytes()


def test_the_memory_layout_of_a_matrix_changes_nothing():
    random = np.random.default_rng(0)
    explainer = Explainer.of(grown(random))
    rows = some_rows(random, 9)
    locked = rows.copy()
    locked.flags.writeable = False
    for same in (np.asfortranarray(rows), locked, np.repeat(rows, 2, axis=1)[:, ::2]):
        assert explainer.contributions(same).tobytes() == explainer.contributions(rows).tobytes()


def test_everything_is_compiled_when_the_explainer_is_made():
    from models.explanation.kernel import contributions

    random = np.random.default_rng(0)
    explainer = Explainer.of(grown(random))
    compiled = len(contributions.signatures)
    locked = np.asfortranarray(some_rows(random, 40))
    locked.flags.writeable = False
    explainer.contributions(locked)
    assert len(contributions.signatures) == compiled == 1


def test_rows_sum_to_their_score_where_counts_do_not_add_up():
    """A cluster estimates the counts of a split, and a leaf may get none."""
    random = np.random.default_rng(0)
    lines = grown(random, num_leaves=15).model_to_string().splitlines(True)
    for number, line in enumerate(lines):
        if line.startswith(("leaf_count=", "internal_count=")):
            name, counts = line.split("=")
            changed = [
                max(int(count) + int(random.integers(-40, 4)), 0) for count in counts.split()
            ]
            lines[number] = f"{name}={' '.join(map(str, changed))}\n"
        if line.startswith("tree_sizes"):
            lines[number] = ""
    booster = lgb.Booster(model_str="".join(lines))
    rows = some_rows(random, 50)
    assert any(0 in tree.left_shares for tree in Forest.of(booster).trees)
    sums = Explainer.of(booster).contributions(rows).sum(axis=1)
    np.testing.assert_allclose(sums, booster.predict(rows, raw_score=True), **EXACT)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"linear_tree": True}, "linear tree"),
        ({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "averaged"),
        ({"objective": "multiclass", "num_class": 3}, "3 trees an iteration"),
    ],
)
def test_a_booster_that_cannot_be_explained_is_refused(parameters, said):
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 600).astype(float)
    with pytest.raises(TidewaiterError, match=said):
        Explainer.of(grown(random, label=label, **parameters))


def test_a_matrix_of_another_width_is_refused():
    explainer = Explainer.of(grown(np.random.default_rng(0)))
    with pytest.raises(ValueError, match="6 columns"):
        explainer.contributions(np.zeros((2, 5)))
