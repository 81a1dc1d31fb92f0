from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from features.linkage.chains import least
from tests.features.linkage.registers import reachable

names = st.sampled_from("abcdef")
steps = st.lists(
    st.tuples(st.integers(1, 5), names, names).filter(lambda step: step[1] != step[2]), max_size=9
)


@given(steps)
def test_the_cost_of_the_cheapest_way_is_the_first_at_which_one_reaches_the_other(drawn):
    found = least(drawn)
    for most in range(7):
        reached = {frozenset(pair) for pair, cost in found.items() if cost <= most}
        assert reached == reachable(drawn, most)


@given(steps)
def test_ways_go_both_ways_and_lead_to_others(drawn):
    found = least(drawn)
    assert all(found[other, one] == cost for (one, other), cost in found.items())
    assert all(one != other for one, other in found)
