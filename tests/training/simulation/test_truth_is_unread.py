import shutil

import pandas as pd

from features.files import feature_file
from tests.training.simulation.conftest import END
from training.simulation import simulate


def test_features_are_the_same_where_there_is_no_truth(tmp_path):
    world, other = tmp_path / "world", tmp_path / "other"
    simulate(world, days=60, end=END, seed=5, scale=0.1)
    shutil.copytree(world, other)
    shutil.rmtree(other / "truth")
    for subject in ("shipments", "crossings"):
        tables = []
        for number, folder in enumerate((world, other)):
            table = tmp_path / f"{subject}{number}.parquet"
            feature_file(subject, folder, table)
            tables.append(pd.read_parquet(table))
        assert len(tables[0])
        pd.testing.assert_frame_equal(*tables)
