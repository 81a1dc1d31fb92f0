from __future__ import annotations

from datetime import date

import pytest

from features.batch import feature_table
from features.replay import replayed_table
from features.store import Store
from tests.features.simulated import fill
from tests.features.tables import assert_same_features
from training.simulation import simulate


@pytest.fixture(scope="module")
def filled(new_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, days=8, end=date(2026, 3, 1), seed=3, scale=0.2)
    home = new_home()
    with Store.open(home) as store:
        fill(store, folder, amended=True)
        yield home, store


def test_simulated_history_replayed_through_the_live_store_gives_the_same_table(filled, subject):
    home, store = filled
    table = feature_table(store, subject)
    assert len(table) > 200
    assert_same_features(table, replayed_table(store, home, subject))
