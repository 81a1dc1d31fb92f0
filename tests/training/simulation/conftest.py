"""One simulated year, read by every test of the simulation that looks at its files."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from tests.once import built_once
from training.simulation import simulate

END = date(2025, 6, 1)


class World:
    """The files of a simulated folder, each read once."""

    start = pd.Timestamp(2024, 6, 1, tz="UTC")
    end = datetime(2025, 6, 1, tzinfo=UTC)

    def __init__(self, directory):
        self.directory = directory
        self._read = {}

    def __getitem__(self, name):
        if name not in self._read:
            self._read[name] = pd.read_parquet(self.directory / f"{name}.parquet")
        return self._read[name]

    @property
    def shipments(self):
        """One row a shipment: its first item, its offence and typology, who owns it."""
        rows = self["declarations"].drop_duplicates("declaration_id").set_index("declaration_id")
        truth = self["truth/declarations"].groupby("declaration_id", sort=False)
        known = truth[["offence", "typology", "organisation_id", "inspected"]].first()
        return rows.join(known)


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    def build(directory):
        simulate(directory, days=365, end=END, seed=4, scale=0.5)

    return World(built_once(tmp_path_factory, "simulated-year", build))
