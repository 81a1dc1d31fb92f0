from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import TidewaiterError
from tests.models.synthetic import FEATURES
from training.split import last_quarter, split, start_of_day


def test_default_is_the_first_day_of_the_last_quarter_with_outcomes(world):
    data = split(FEATURES, *world)
    assert data.everything.table["known_at"].max() < pd.Timestamp("2025-01-01", tz="UTC")
    assert data.evaluate_from == date(2024, 10, 1) == last_quarter(data.everything)


@settings(max_examples=15, deadline=None)
@given(day=st.dates(date(2024, 2, 1), date(2024, 12, 1)))
def test_nothing_known_on_the_day_or_later_reaches_training(world, day):
    data = split(FEATURES, *world, evaluate_from=day)
    moment = start_of_day(day)
    assert (data.training.table["known_at"] < moment).all()
    assert (data.training.labels["label_known_at"] < moment).all()
    assert (data.evaluation.table["known_at"] >= moment).all()


def test_records_whose_result_was_late_are_in_neither_part(world):
    data = split(FEATURES, *world)
    moment = start_of_day(data.evaluate_from)
    past = data.everything.table["known_at"] < moment
    late = past & (data.everything.labels["label_known_at"] >= moment)
    assert late.sum() > 0
    total = len(data.training) + len(data.evaluation) + late.sum()
    assert total == len(data.everything)


def test_an_offence_found_after_the_day_does_not_turn_a_training_label(world):
    table, inspections = world
    first = inspections.iloc[[0]]
    later = first.assign(
        inspection_id="later", known_at=pd.Timestamp("2024-11-01", tz="UTC"), result="offence"
    )
    clear = first.assign(result="clear", offence=None)
    changed = pd.concat([clear, later, inspections.iloc[1:]], ignore_index=True)
    data = split(FEATURES, table, changed)
    assert not data.training.outcome()[0]
    assert data.everything.outcome()[0]


@pytest.mark.parametrize("day", [date(2023, 1, 1), date(2026, 1, 1)])
def test_a_day_that_leaves_a_side_empty_is_refused_with_what_there_is(world, day):
    with pytest.raises(TidewaiterError, match="2024-01-01 to 2024-12-2"):
        split(FEATURES, *world, evaluate_from=day)


def test_without_inspections_the_error_says_what_to_load(world):
    table, inspections = world
    with pytest.raises(TidewaiterError, match="load inspections"):
        split(FEATURES, table, inspections.head(0))
