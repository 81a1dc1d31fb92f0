import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.selection import Thresholds


@given(st.lists(st.sampled_from(np.linspace(0, 1, 11).tolist()), min_size=1))
def test_thresholds_never_select_more_than_their_shares(risks):
    risks = np.array(risks)
    channels = Thresholds.fit(risks).channels(risks)
    assert (channels == "red").sum() <= 0.05 * len(risks)
    assert (channels != "green").sum() <= 0.15 * len(risks)


def test_distinct_risks_fill_the_channels_exactly():
    risks = np.random.default_rng(0).permutation(1000) / 1000
    channels = Thresholds.fit(risks).channels(risks)
    assert [(channels == c).sum() for c in ("red", "yellow", "green")] == [50, 100, 850]
    assert risks[channels == "red"].min() > risks[channels == "yellow"].max()


def test_thresholds_of_nothing_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        Thresholds.fit(np.array([]))


def test_thresholds_survive_json():
    thresholds = Thresholds(0.1 + 0.2, 1 / 3)
    assert Thresholds.from_json(thresholds.to_json()) == thresholds
