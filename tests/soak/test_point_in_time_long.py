"""The properties of features and store, with many more and longer histories than every test run.

The bodies are those of the short tests; `--hypothesis-seed` repeats a run.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.features import test_point_in_time as features
from tests.features import test_store as store
from tests.features.conftest import new_home, postgres_url, subject
from tests.features.worlds import filings, histories

__all__ = ["new_home", "postgres_url", "subject"]  # fixtures of the properties

long, amended = histories(most=25), filings(most=25)
orders = st.randoms(use_true_random=False)


def property_of(test):
    """Give the function that `given` was laid around."""
    return test.hypothesis.inner_test


test_what_long_histories_say_equals_the_oracle = given(long)(
    property_of(features.test_what_history_says_equals_the_oracle)
)
test_what_long_amended_histories_say_equals_the_oracle = given(amended)(
    property_of(features.test_what_history_says_equals_the_oracle_when_records_are_amended)
)
test_live_features_equal_those_of_history_in_any_order_of_a_long_arrival = given(long, orders)(
    property_of(features.test_live_features_equal_those_of_history_in_any_order_of_arrival)
)
test_live_features_equal_those_of_long_histories_when_records_are_amended = given(amended, orders)(
    property_of(features.test_live_features_equal_those_of_history_when_records_are_amended)
)
test_what_is_known_later_changes_no_feature_of_long_histories = given(amended, st.data())(
    property_of(features.test_what_is_known_later_changes_no_feature)
)
test_long_histories_one_by_one_leave_the_tiles_of_one_batch = given(long, orders)(
    property_of(store.test_records_one_by_one_leave_the_tiles_of_one_batch)
)
