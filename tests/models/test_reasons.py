import numpy as np
import pytest

from models.reasons import plain_value, strongest_reasons
from tests.models.synthetic import FEATURES

VALUES = {"gap": 1.5, "mass": None, "origin": "PE", "noise": 0.0}
NORMALS = {"gap": 0.0, "origin": "KR"}


def reasons(contributions, limit=5):
    return strongest_reasons(FEATURES, VALUES, np.array(contributions), NORMALS, limit)


def test_reasons_come_by_size_whichever_their_sign():
    chosen, other = reasons([0.1, -3.0, 2.0, 0.5], limit=3)
    assert [reason.feature for reason in chosen] == ["mass", "origin", "noise"]
    assert other == pytest.approx(0.1)


def test_a_feature_that_contributed_nothing_is_no_reason():
    chosen, other = reasons([0.0, 0.0, 1.0, 0.0])
    assert [reason.feature for reason in chosen] == ["origin"]
    assert other == 0.0


def test_a_reason_says_the_value_and_what_is_usual():
    chosen, _ = reasons([2.0, 0.0, 1.0, 0.0])
    assert "1.500" in chosen[0].text
    assert "0.000" in chosen[0].text
    assert "PE" in chosen[1].text
    assert "KR" in chosen[1].text


def test_a_missing_value_is_none_and_said_to_be_unknown():
    chosen, _ = reasons([0.0, 1.0, 0.0, 0.0])
    assert chosen[0].to_json()["value"] is None
    assert "unknown" in chosen[0].text


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), np.float64("nan")])
def test_what_json_cannot_hold_is_none(value):
    assert plain_value(value) is None
