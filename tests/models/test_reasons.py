import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.language import language
from models.normals import Normal, Normals, Peers
from models.reasons import Reasoning, total_of
from models.values import Values, plain_value
from models.wording import retold
from tests.models.synthetic import FEATURES

PLACES = {name: place for place, name in enumerate(FEATURES.names)}
VALUES = Values(
    PLACES, [{"gap": 1.5, "mass": None, "origin": "PE", "noise": 0.0}[n] for n in PLACES]
)
NORMALS = Normals(
    None,
    {
        "gap": Normal(900, 0.0, -0.5, 0.75),
        "mass": Normal(0, None),
        "origin": Normal(1000, "KR", share=0.4),
        "noise": Normal(1000, 0.0, 0.0, 0.0),
    },
    {},
)
APART = (("gap",), ("mass",), ("origin",), ("noise",))
SMALL = st.floats(-5, 5, allow_subnormal=False)


def reasons(contributions, limit=5, groups=APART):
    reasoning = Reasoning(FEATURES, groups, NORMALS)
    [found] = reasoning.strongest([VALUES], np.array([contributions]), limit)
    return found


def test_reasons_come_by_size_whichever_their_sign():
    chosen, other = reasons([0.1, -3.0, 2.0, 0.5], limit=3)
    assert [reason["feature"] for reason in chosen] == ["mass", "origin", "noise"]
    assert [reason["direction"] for reason in chosen] == ["lowers", "raises", "raises"]
    assert other == pytest.approx(0.1)


def test_a_feature_that_contributed_nothing_is_no_reason():
    chosen, other = reasons([0.0, 0.0, 1.0, 0.0])
    assert [reason["feature"] for reason in chosen] == ["origin"]
    assert other == 0.0


def test_features_that_tell_one_story_are_one_reason():
    groups = (("gap", "noise"), ("mass",), ("origin",))
    chosen, other = reasons([0.4, -0.5, 0.0, 0.3], groups=groups)
    assert [reason["feature"] for reason in chosen] == ["gap", "mass"]
    assert chosen[0]["contribution"] == pytest.approx(0.7)
    assert [part["feature"] for part in chosen[0]["features"]] == ["gap", "noise"]
    assert "Together with 1 related feature this raises the risk." in chosen[0]["text"]
    assert other == 0.0


def test_the_strongest_in_the_reasons_direction_stands_for_it():
    [reason], _ = reasons([-0.5, 0.0, 0.3, 0.4], groups=(("gap", "mass", "origin", "noise"),))
    assert (reason["feature"], reason["value"], reason["direction"]) == ("noise", 0.0, "raises")
    assert [part["feature"] for part in reason["features"]] == ["noise", "gap", "origin"]


@given(
    contributions=st.lists(SMALL, min_size=4, max_size=4),
    groups=st.sampled_from([APART, (("gap", "origin"), ("mass", "noise")), (FEATURES.names,)]),
    limit=st.integers(0, 4),
)
def test_reasons_and_the_others_sum_to_all_contributions(contributions, groups, limit):
    chosen, other = reasons(contributions, limit, groups)
    assert len(chosen) <= limit
    total = sum(reason["contribution"] for reason in chosen) + other
    assert total == pytest.approx(sum(contributions), abs=1e-9)
    for reason in chosen:
        parts = sum(part["contribution"] for part in reason["features"])
        assert parts == pytest.approx(reason["contribution"], abs=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_a_total_has_the_bits_of_numpys(numbers):
    assert total_of(numbers) == np.array(numbers).sum()


def slowly(contributions, groups, limit):
    """Find features, contributions and the rest one by one, as they are defined."""
    named = dict(zip(FEATURES.names, contributions, strict=True))
    sums = {group: sum(named[name] for name in FEATURES.names if name in group) for group in groups}
    largest = sorted(groups, key=lambda group: abs(sums[group]), reverse=True)[:limit]
    found, rest = [], dict(named)
    for group in largest:
        if sums[group] == 0:
            continue
        ways = 1 if sums[group] > 0 else -1
        names = sorted(group, key=FEATURES.names.index)
        first = max(names, key=lambda name: ways * named[name])
        others = [name for name in names if name != first and named[name] != 0]
        others.sort(key=lambda name: abs(named[name]), reverse=True)
        found.append([(name, named[name]) for name in (first, *others)])
        rest = {name: value for name, value in rest.items() if name not in group}
    return found, np.array(list(rest.values())).sum()


@given(
    many=st.lists(st.lists(SMALL, min_size=4, max_size=4), max_size=5),
    groups=st.sampled_from([APART, (("gap", "origin"), ("mass", "noise")), (FEATURES.names,)]),
    limit=st.integers(0, 4),
)
def test_records_together_have_the_reasons_each_has_alone(many, groups, limit):
    reasoning = Reasoning(FEATURES, groups, NORMALS)
    together = reasoning.strongest([VALUES] * len(many), np.reshape(many, (-1, 4)), limit)
    for contributions, (chosen, other) in zip(many, together, strict=True):
        found = [
            [(part["feature"], part["contribution"]) for part in one["features"]] for one in chosen
        ]
        assert (found, other) == slowly(contributions, groups, limit)


def test_a_reason_says_the_value_what_is_usual_and_which_way_it_weighs():
    chosen, _ = reasons([2.0, 0.1, -1.0, 0.2])
    gap, *rest = [reason["text"] for reason in chosen]
    assert gap == (
        "Gap is 1.500; usual in all shipments is 0.000, half lie from -0.500 to 0.750."
        " This raises the risk."
    )
    assert rest == [
        "Origin is PE; most frequent in all shipments is KR (40 %). This lowers the risk.",
        "Noise is 0.000; usual in all shipments is 0.000. This raises the risk.",
        "Not known (not stated): mass is …. This raises the risk.",
    ]


def test_a_missing_value_is_none():
    chosen, _ = reasons([0.0, 1.0, 0.0, 0.0])
    assert chosen[0]["value"] is None


def test_what_is_kept_of_a_reason_tells_it_again():
    chosen, _ = reasons([2.0, 0.1, -1.0, 0.2], groups=(("gap", "noise"), ("mass",), ("origin",)))
    kept = {"reasons": chosen, "novelty": None}
    blank = [{**reason, "text": "?"} for reason in kept["reasons"]]
    assert retold(FEATURES, kept | {"reasons": blank}, VALUES, language("en")) == kept
    assert Peers.from_json(chosen[0]["peers"]) == NORMALS.peers("gap", {})


def test_what_cannot_be_told_again_stays_as_it_was_told():
    earlier = {"feature": "gap", "value": 1.5, "contribution": 2.0, "text": "As it was"}
    unknown = {**earlier, "feature": "speed", "peers": NORMALS.peers("gap", {}).to_json()}
    kept = {"reasons": [earlier, unknown]}
    assert retold(FEATURES, kept, VALUES, language("nl"))["reasons"] == kept["reasons"]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), np.float64("nan")])
def test_what_json_cannot_hold_is_none(value):
    assert plain_value(value) is None
