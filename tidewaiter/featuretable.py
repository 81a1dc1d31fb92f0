"""Showing features: the table of every record as a file, or one record's with their sentences."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from rich.table import Table

from features.asof import Said, features_as_of
from features.catalog import feature_set
from features.errors import TidewaiterError
from features.facts import SOURCES
from features.files import feature_file
from features.home import Home
from features.printing import print_table
from features.progress import shared
from features.replay import replayed_table
from features.store import Store

__all__ = ["print_record", "write_on_spark", "write_replayed", "write_table"]


def write_table(
    home: Home, subject: str, records: Path | None, output: Path, memory: str | None = None
) -> str:
    """Write a subject's feature table as Parquet; return one line for a person.

    Parameters
    ----------
    records, memory : see :func:`features.files.feature_file`; without records, those of the home's
        store.
    """
    feature_set(subject)  # refuses a subject it does not know
    with tempfile.TemporaryDirectory(prefix="tidewaiter-") as folder, shared("features") as told:
        if records is None:
            with Store.open(home) as store:
                store.write_versions(Path(folder), SOURCES)
        rows = feature_file(subject, records or Path(folder), output, told, memory=memory)
    return f"{output}: {rows} rows"


def write_replayed(home: Home, subject: str, output: Path) -> str:
    """Write the same by replaying history through a live store."""
    feature_set(subject)
    with Store.open(home) as store, shared("features") as progress:
        table = replayed_table(store, home, subject, progress)
    table.to_parquet(output, index=False)
    return f"{output}: {len(table)} rows"


def write_on_spark(home: Home, subject: str, records: Path | None, output: Path) -> str:
    """Write a subject's features from this machine's Spark; return one line for a person."""
    try:
        from features.spark import features_of_home  # noqa: PLC0415 - an extra, slow to import
    except ModuleNotFoundError as error:
        message = f"--engine spark needs {error.name}: pip install 'tidewaiter[spark]'"
        raise TidewaiterError(message) from error
    with shared("features on Spark") as progress:
        rows = features_of_home(home, subject, records, output, progress)
    return f"{output}: {rows} rows"


def print_record(home: Home, subject: str, record_id: str, at: datetime | None) -> None:
    """Print one record's features as of a time, item by item."""
    with Store.open(home) as store:
        items = features_as_of(store, subject, record_id, at)
    for number, said in items.items():
        print_table(_shown(f"{record_id}, item {number}" if number else record_id, said))


def _shown(title: str, said: list[Said]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("feature", no_wrap=True)
    for column in ("value", "unit", "in words"):
        table.add_column(column, overflow="fold")
    for one in said:
        value = "" if one.value is None else one.feature.shown(one.value)
        table.add_row(one.feature.name, value, one.feature.unit, one.sentence)
    return table
