"""A copy of an installation, on a store of its own, under load; its promises held to the store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from features.home import Home
from features.store import Store
from serving.access import Access
from tests.features.databases import restarting_server
from tests.soak.ledger import check_kept
from tests.soak.mixed import Events, Soaked, kill_worker, move_champion, name_challenger, soak


def tried(original: Home, folder: Path, database: str, seconds: float, seed: int) -> Soaked:
    """Soak a copy of a home on SQLite or PostgreSQL, and find every promise it made kept."""
    events: Events = {"champion moved": move_champion, "challenger named": name_challenger}
    with _copied(original, folder, database) as (home, troubles):
        events = {**events, **troubles, "worker killed": kill_worker}
        with Store.open(home) as store:
            key = Access(store.engine, lambda: datetime.now(UTC)).create("officer")
        soaked = soak(home, key, seconds, seed, events, folder / "log")
        print(database, soaked, "seed", seed)  # noqa: T201
        check_kept(home, soaked.ledgers)
    return soaked


@contextmanager
def _copied(original: Home, folder: Path, database: str) -> Iterator[tuple[Home, Events]]:
    """Copy a home: with its store on SQLite; on PostgreSQL, which may restart, it begins empty."""
    path = folder / "home"
    shutil.copytree(original.path, path)
    if database == "sqlite":
        yield Home(path).prepare(), {}
        return
    with restarting_server() as (url, restart):
        yield Home(path, url).prepare(), {"database restarted": lambda _: restart()}
