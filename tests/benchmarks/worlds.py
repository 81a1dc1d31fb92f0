"""Simulated records for benchmarks, checked and pseudonymised as loading a file does."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
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
_BLOCK = 1 << 24


@cache
def simulated(folder: Path, rows: int, seed: int, end: date = END) -> Path:
    """Simulate a year of about so many goods items into files, once a run."""
    world = folder / f"world-{rows}-{seed}-{end}"
    simulate(world, days=DAYS, end=end, seed=seed, scale=rows / ITEMS_A_YEAR)
    return world


def checked(folder: Path, key: bytes | None = None) -> Frames:
    """Read what facts are made from as loading does: checked, then pseudonymised."""
    key = key or secrets.token_bytes(32)
    return {
        kind: pseudonymise(_accepted(folder, kind), kind, key) for kind in FILED if kind in SOURCES
    }


def _accepted(folder: Path, kind: str) -> pd.DataFrame:
    return check_file(folder / f"{kind}.parquet")[kind].accepted


def fill(store: Store, frames: Frames) -> None:
    """Take every record in, whole declarations at a time."""
    for kind, frame in frames.items():
        ids = frame[KINDS[kind].group]
        turns = (ids != ids.shift()).cumsum() // _TURN
        for _, rows in frame.groupby(turns.to_numpy(), sort=False):
            store.take_in(kind, rows)


@dataclass(frozen=True)
class Filled:
    """A store that holds a simulated world, the files it came in, and the frames that fill it."""

    home: Home
    store: Store
    files: Path
    frames: Frames

    @classmethod
    def make(cls, folder: Path, rows: int, seed: int, end: date = END) -> Filled:
        """Simulate a world into a home of its own; the benchmarks of one run share it."""
        home, frames = _filled(folder, rows, seed, end)
        return cls(home, Store.open(home), simulated(folder, rows, seed, end), frames)

    def fresh(self, count: int, seed: int = 0, kind: str = "declarations") -> list[pd.DataFrame]:
        """Make new records like those held, each a frame of its rows, known after all."""
        return _fresh(self.frames[kind], count, seed, kind)

    def filed(self, count: int, seed: int = 0, kind: str = "declarations") -> list[pd.DataFrame]:
        """Make the same as whoever files them sends them, by the names that parties go by."""
        return _fresh(_accepted(self.files, kind), count, seed, kind)

    def warm(self) -> None:
        """Read the store's file through once, so that it is in memory as a busy server has it."""
        with Path(str(self.store.engine.url.database)).open("rb") as file:
            while file.read(_BLOCK):
                pass

    @property
    def sizes(self) -> dict[str, int]:
        return {kind: len(frame) for kind, frame in self.frames.items()}


def _fresh(held: pd.DataFrame, count: int, seed: int, kind: str) -> list[pd.DataFrame]:
    group = KINDS[kind].group
    names = held[group].unique()
    chosen = np.random.default_rng(seed).choice(names, count, replace=count > len(names))
    by_name = dict(tuple(held[held[group].isin(set(chosen))].groupby(group)))
    known_at = held["known_at"].max().ceil("D") + timedelta(hours=12)
    return [
        by_name[one].assign(**{group: f"FRESH{seed}-{i}", "known_at": known_at})
        for i, one in enumerate(chosen)
    ]


@cache
def _filled(folder: Path, rows: int, seed: int, end: date) -> tuple[Home, Frames]:
    world = simulated(folder, rows, seed, end)
    home = Home(folder / f"home-{world.name}").prepare()
    frames = checked(world, home.pseudonym_key())
    with Store.open(home) as store:
        fill(store, frames)
    return home, frames


def plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Write a frame as records, None for missing."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def today() -> date:
    """Read the day a served world ends on: its history must be recent for the service's clock."""
    return datetime.now(UTC).date()
