"""History once more through the live store, to show that both engines give the same features.

A scratch store is filled day by day in order of time, every version of a record on its own; after
each day the day's records are asked about, those that no later version replaced, each at its own
instant, from tiles of the days before and the facts of the day so far.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
from sqlalchemy import make_url, text

from features.catalog import feature_set
from features.home import Home
from features.online import LiveFeatures
from features.store import Store
from features.store.engine import open_engine

__all__ = ["replayed_table"]

_AT_ONCE = 500


def replayed_table(
    store: Store, home: Home, subject: str, progress: Callable[[float], None] | None = None
) -> pd.DataFrame:
    """Compute a subject's feature table through a live store filled day by day.

    Returns
    -------
    DataFrame
        As :func:`features.batch.feature_table` gives it, in the same order.
    """
    declared = feature_set(subject)
    about = declared.about
    history = {kind: _by_day(rows) for kind, rows in store.history(declared.sources).items()}
    days = sorted({day for frames in history.values() for day in frames})
    parts: list[pd.DataFrame] = []
    with _scratch(home) as live:
        features = LiveFeatures(live, subject)
        for done, day in enumerate(days, start=1):
            for kind, frames in history.items():
                if day in frames:
                    live.take_in(kind, frames[day].drop(columns="superseded_at"))
            asked = history[about.kind].get(day)
            parts += [] if asked is None else _asked(features, asked)
            if progress:
                progress(done / len(days))
    names = [*declared.identity, *declared.names]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
    return table.sort_values(["known_at", *about.identity], ignore_index=True)


def _by_day(frame: pd.DataFrame) -> dict[pd.Timestamp, pd.DataFrame]:
    return {pd.Timestamp(str(day)): rows for day, rows in frame.groupby(frame["known_at"].dt.date)}


def _asked(features: LiveFeatures, day: pd.DataFrame) -> list[pd.DataFrame]:
    """Ask about a day's records some hundred at a time, never parting a declaration."""
    current = day[day["superseded_at"].isna() & ~day["cancelled"]]
    about = features.features.about
    ordered = current.sort_values(list(about.identity), ignore_index=True)
    group = ordered.groupby(about.own, sort=False).ngroup() // _AT_ONCE
    return [features.table(rows) for _, rows in ordered.groupby(group)]


@contextmanager
def _scratch(home: Home) -> Iterator[Store]:
    """Open an empty store of the same kind as the home's, gone when the work is done."""
    url = make_url(home.database_url)
    if url.get_backend_name() == "sqlite":
        with tempfile.TemporaryDirectory(prefix="tidewaiter-replay-") as folder:
            database = f"sqlite:///{Path(folder, 'replay.db')}"
            with Store.open(replace(home, database=database)) as store:
                yield store
        return
    schema = f"replay_{secrets.token_hex(6)}"
    admin = open_engine(home.database_url)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        inside = url.update_query_dict({"options": f"-csearch_path={schema}"})
        database = inside.render_as_string(hide_password=False)
        with Store.open(replace(home, database=database)) as store:
            yield store
    finally:
        with admin.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()
