"""A copy of an installation on a store of its own, to be soaked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from features.home import Home
from features.store import Store
from serving.access import Access
from tests.features.databases import restarting_server

Restart = Callable[[object], None]


@contextmanager
def installed(
    original: Home, folder: Path, database: str
) -> Iterator[tuple[Home, str, Restart | None]]:
    """Copy a home; gives the copy, an officer's key, and what restarts its database server.

    On SQLite its store is copied along and there is no server; on PostgreSQL it begins empty.
    """
    path = folder / "home"
    shutil.copytree(original.path, path)
    if database == "sqlite":
        home = Home(path).prepare()
        yield home, _key(home), None
        return
    with restarting_server() as (url, restart):
        home = Home(path, url).prepare()
        yield home, _key(home), lambda _: restart()


def _key(home: Home) -> str:
    with Store.open(home) as store:
        return Access(store.engine, lambda: datetime.now(UTC)).create("officer")
