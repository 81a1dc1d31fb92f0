from __future__ import annotations

from datetime import date

import pandas as pd

from features.batch import feature_table
from features.records import check_rows
from features.replay import replayed_table
from features.store import Store
from tests.features.tables import assert_same_features
from training.simulation import simulate


def some_filed_again(declarations: pd.DataFrame) -> pd.DataFrame:
    """Every ninth item, three days later, with another value; whole shipments and parts of them."""
    again = declarations[::9]
    later = again["known_at"] + pd.Timedelta(days=3)
    return again.assign(known_at=later, customs_value=again["customs_value"] * 2)


def test_simulated_history_replayed_through_the_live_store_gives_the_same_table(new_home, tmp_path):
    simulate(tmp_path / "world", days=40, end=date(2026, 3, 1), seed=3, scale=0.1)
    home = new_home()
    with Store.open(home) as store:
        for kind in ("declarations", "inspections"):
            rows = pd.read_parquet(tmp_path / "world" / f"{kind}.parquet")
            plain = rows.astype(object).where(rows.notna(), None).to_dict("records")
            checked = check_rows(kind, plain)
            assert not checked.rejected
            store.take_in(kind, checked.accepted)
        amended = store.take_in(
            "declarations", some_filed_again(store.read("declarations"))
        ).amended
        assert amended > 100
        table = feature_table(store, "shipments")
        assert len(table) > 500
        assert_same_features(table, replayed_table(store, home, "shipments"))
