"""Offenders use a way until it is found, then go elsewhere."""

from datetime import date

import numpy as np
import pytest

from training.simulation.plans import PLANNED, move_on
from training.simulation.rhythm import Rhythm
from training.simulation.setting import create
from training.simulation.world import begin, weeks


@pytest.fixture(scope="module")
def world():
    return create(Rhythm(date(2025, 6, 1), 200), seed=5, scale=0.2)


@pytest.fixture(scope="module")
def state(world):
    return begin(world)


def test_every_organisation_begins_with_one_lane_or_route(world, state):
    lanes = (state.lanes.organisation >= 0) & (state.lanes.first_day < 1_000)
    routes = state.routes.first_day < 1_000
    assert lanes.sum() + routes.sum() == len(world.organisations)


def test_an_organisation_uses_its_own_fronts(world, state):
    planned = state.lanes.take(state.lanes.organisation >= 0)
    owner = world.market.traders.organisation[planned.importer]
    assert (owner == planned.organisation).all()
    counts = np.bincount(planned.organisation)
    assert set(counts[counts > 0]) == {PLANNED}


def test_a_seized_lane_is_left_within_five_weeks_by_most(state):
    seized = state.lane_plans.rows()
    lanes, _ = move_on(np.random.default_rng(0), state.lanes, state.lane_plans, seized, 100)
    assert (lanes.last_day[seized] <= 135).mean() > 0.6


def test_a_seized_route_is_left_within_five_weeks_by_most(state):
    seized = state.route_plans.rows()
    routes, _ = move_on(np.random.default_rng(0), state.routes, state.route_plans, seized, 100)
    assert (routes.last_day[seized] <= 135).mean() > 0.6


def test_a_lane_nobody_found_is_used_on(state):
    none = np.zeros(0, dtype=np.int64)
    lanes, plans = move_on(np.random.default_rng(0), state.lanes, state.lane_plans, none, -200)
    assert (lanes.last_day == state.lanes.last_day).all()
    assert (plans.current == state.lane_plans.current).all()


def test_an_organisation_that_left_its_lane_opens_the_next(state):
    lanes, plans = state.lanes, state.lane_plans
    for day in range(100, 160, 7):
        lanes, plans = move_on(np.random.default_rng(day), lanes, plans, plans.rows(), day)
    moved = plans.current > 0
    assert moved.mean() > 0.6
    assert (lanes.first_day[plans.rows()[moved]] >= 100).all()


def test_a_caught_lane_is_booked_no_more_while_others_are(world):
    caught: dict[int, int] = {}
    late, early = 0, 0
    for week in weeks(world):
        filed = week.filing.declarations
        for lane in set(filed.lane[filed.typology >= 0]) & set(caught):
            weeks_since = week.index - caught[lane]
            early, late = early + (weeks_since <= 8), late + (weeks_since > 12)
        found = week.results
        for lane in found.way[(found.offence >= 0) & found.is_lane]:
            caught.setdefault(int(lane), week.index)
    assert caught
    assert late < early
