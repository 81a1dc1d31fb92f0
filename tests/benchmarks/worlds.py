"""Simulated records for benchmarks, checked and pseudonymised as loading a file does."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from features.facts import SOURCES
from features.home import Home
from features.records import FILED, KINDS, pseudonymise
from features.records.files import check_file
from features.store import Store
from training.simulation import simulate

Frames = dict[str, pd.DataFrame]
END = date(2026, 1, 1)
DAYS = 365
ITEMS_A_YEAR = 100_000  # of a world of scale 1
_TURN = 50_000


def simulated(folder: Path, rows: int, seed: int, end: date = END) -> Path:
    """Simulate a year of about so many goods items into files."""
    simulate(folder, days=DAYS, end=end, seed=seed, scale=rows / ITEMS_A_YEAR)
    return folder


def checked(folder: Path, key: bytes | None = None) -> Frames:
    """Read what facts are made from as loading does: checked, then pseudonymised."""
    key = key or secrets.token_bytes(32)
    return {
        kind: pseudonymise(check_file(folder / f"{kind}.parquet")[kind].accepted, kind, key)
        for kind in FILED
        if kind in SOURCES
    }


def fill(store: Store, frames: Frames) -> None:
    """Take every record in, whole declarations at a time."""
    for kind, frame in frames.items():
        ids = frame[KINDS[kind].group]
        turns = (ids != ids.shift()).cumsum() // _TURN
        for _, rows in frame.groupby(turns.to_numpy(), sort=False):
            store.take_in(kind, rows)


@dataclass(frozen=True)
class Filled:
    """A store that holds a simulated world, and the frames that fill it."""

    home: Home
    store: Store
    frames: Frames

    @classmethod
    def make(cls, folder: Path, rows: int, seed: int, end: date = END) -> Filled:
        """Simulate a world into a home of its own."""
        home = Home(folder / "home").prepare()
        frames = checked(simulated(folder / "world", rows, seed, end), home.pseudonym_key())
        store = Store.open(home)
        fill(store, frames)
        return cls(home, store, frames)

    def fresh(self, shipments: int, seed: int = 0) -> list[pd.DataFrame]:
        """Make new declarations like those held, each a frame of its items, known after all."""
        declared = self.frames["declarations"]
        ids = declared["declaration_id"].unique()
        chosen = np.random.default_rng(seed).choice(ids, shipments, replace=shipments > len(ids))
        by_id = dict(
            tuple(declared[declared["declaration_id"].isin(set(chosen))].groupby("declaration_id"))
        )
        known_at = declared["known_at"].max().ceil("D") + timedelta(hours=12)
        return [
            by_id[one].assign(declaration_id=f"FRESH{seed}-{i}", known_at=known_at)
            for i, one in enumerate(chosen)
        ]

    @property
    def sizes(self) -> dict[str, int]:
        return {kind: len(frame) for kind, frame in self.frames.items()}


def plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Write a frame as records, None for missing."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def today() -> date:
    """Read the day a served world ends on: its history must be recent for the service's clock."""
    return datetime.now(UTC).date()
