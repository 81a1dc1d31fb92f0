"""Features that tell one story are one group, and nothing else is."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from features.catalog import feature_set
from models.related import LEAST_CORRELATION, LEAST_RECORDS, correlations, related
from tests.models.synthetic import a_feature, a_feature_set

ROWS = 400
random = np.random.default_rng(5)
ONE, OTHER = random.normal(size=(2, ROWS))


def groups(columns, *categories):
    table = pd.DataFrame(columns)
    kinds = {name: "category" if name in categories else "number" for name in columns}
    features = a_feature_set(*(a_feature(name, kind) for name, kind in kinds.items()))
    return related(features, table)


def test_numbers_in_one_order_are_one_group_whichever_way_they_run():
    columns = {"a": ONE, "b": OTHER, "c": np.exp(ONE), "d": -(ONE**3)}
    assert groups(columns) == (("a", "c", "d"), ("b",))


def test_what_is_like_two_unlike_features_joins_one_of_them_at_most():
    columns = {"a": ONE, "b": ONE + OTHER, "c": OTHER}
    assert abs(spearmanr(ONE, ONE + OTHER).statistic) < LEAST_CORRELATION
    assert groups(columns) == (("a",), ("b",), ("c",))
    columns["b"] = ONE + 0.3 * OTHER
    columns["c"] = ONE - 0.5 * OTHER
    found = groups(columns)
    assert all(
        abs(spearmanr(columns[x], columns[y]).statistic) >= LEAST_CORRELATION
        for group in found
        for x in group
        for y in group
    )
    assert max(map(len, found)) == 2


def test_a_code_and_a_longer_one_are_one_group_and_other_categories_are_not():
    heading = [f"{n % 7}1" for n in range(ROWS)]
    columns = {
        "heading": heading,
        "subheading": [f"{code}{n % 3}" for n, code in enumerate(heading)],
        "origin": random.choice(["1", "KR"], ROWS),
        "always": ["1"] * ROWS,
    }
    found = groups(columns, *columns)
    assert found == (("heading", "subheading"), ("origin",), ("always",))


def test_one_measure_over_two_windows_is_one_group_whatever_the_values():
    features = feature_set("crossings")
    table = pd.DataFrame(
        {
            feature.name: random.normal(size=50)
            if feature.kind == "number"
            else random.choice(["A", "B"], 50)
            for feature in features.features
        }
    )
    found = related(features, table)
    windows = tuple(f"vehicle__crossings__{days}d" for days in (1, 7, 90))
    assert windows in found
    assert sorted(name for group in found for name in group) == sorted(features.names)


def test_correlations_are_spearmans_where_both_are_known():
    columns = pd.DataFrame({"a": ONE, "b": ONE + OTHER, "c": OTHER})
    expected = spearmanr(columns.to_numpy()).statistic
    assert correlations(columns) == pytest.approx(expected, abs=1e-12)
    gone = columns.assign(a=columns["a"].where(columns.index >= 100), d=np.nan, e=1.0)
    gone["b"] = gone["b"].where(columns.index >= 100)
    found = correlations(gone)
    known = gone.loc[100:]
    assert found[0, 1] == pytest.approx(spearmanr(known["a"], known["b"]).statistic, abs=1e-12)
    assert not found[3:].any()


def test_few_records_show_no_correlation():
    values = np.where(np.arange(ROWS) < LEAST_RECORDS - 1, ONE, np.nan)
    assert groups({"a": values, "b": values}) == (("a",), ("b",))


def test_one_feature_is_a_group():
    assert groups({"a": ONE}) == (("a",),)
