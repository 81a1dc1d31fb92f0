"""The feature table from Parquet to Parquet in DuckDB, for more records than memory holds.

Records are read where they lie, what is worked out on the way is kept on disk, and the table is
finished and written some rows at a time, never parting a declaration.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.catalog import FeatureSet, feature_set
from features.errors import TidewaiterError
from features.finishing import finished
from features.given import check_columns, refuse_repeated, repeated
from features.history import Progress
from features.records import KINDS, Kind
from features.sweep import Sweep

__all__ = ["feature_file"]

_TYPES = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", datetime: "BIGINT"}


def feature_file(  # noqa: PLR0913 - two options beside what, whence and whither
    subject: str,
    records: Path,
    output: Path,
    progress: Progress = lambda _share: None,
    *,
    memory: str | None = None,
    rows_at_once: int = 100_000,
) -> int:
    """Compute the features of every record of a subject and write them as one Parquet file.

    Parameters
    ----------
    records : path
        A folder with ``<kind>.parquet``, each a file or a folder of files: accepted, pseudonymised
        records. Where they come in versions, ``superseded_at`` says from when another holds, and is
        missing for those in force. Where a kind is absent there are none of it.
    output : path
        In order of ``known_at`` and identity.
    memory : str, optional
        What DuckDB may hold before it spills, such as ``2GB``; without it, DuckDB's own choice.
    rows_at_once : int
        How many rows are finished together.

    Returns
    -------
    int
        The rows written.

    Raises
    ------
    TidewaiterError
        Where the memory is none, or too little.
    """
    features = feature_set(subject)
    with _scratch(memory) as connection:
        rows = _lay_out(connection, features, records)
        is_history = not connection.execute(
            f"SELECT 1 FROM given_{features.about.kind} WHERE superseded_at IS NOT NULL"
            " OR cancelled LIMIT 1"
        ).fetchall()
        sweep = Sweep.laid_out(connection, features, rows, is_history=is_history)
        _write(sweep, sweep.keep_answers(progress), output, rows_at_once)
    return rows


@contextmanager
def _scratch(memory: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Keep what is worked out in a database of its own, which spills to disk beside it."""
    with tempfile.TemporaryDirectory(prefix="tidewaiter-") as folder:
        config = {"temp_directory": folder} | ({"memory_limit": memory} if memory else {})
        try:
            connection = duckdb.connect(Path(folder, "scratch.duckdb"), config=config)
        except duckdb.Error as error:
            message = f"expected memory such as 4GB or 500MB, got {memory!r}"
            raise TidewaiterError(message) from error
        with connection:
            try:
                yield connection
            except duckdb.OutOfMemoryException as error:
                raise TidewaiterError(f"expected more memory than {memory}: {error}") from error


def _lay_out(connection: duckdb.DuckDBPyConnection, features: FeatureSet, records: Path) -> int:
    kind = KINDS[features.about.kind]
    for name in features.sources:
        path = records / f"{name}.parquet"
        if name == kind.name and not path.exists():
            raise TidewaiterError(f"{path}: expected Parquet files of {name}, found nothing")
        connection.execute(f"CREATE VIEW given_{name} AS {_read(connection, KINDS[name], path)}")
        for found in connection.execute(repeated(KINDS[name], f"given_{name}")).fetchall():
            refuse_repeated(KINDS[name], found, path)
    order = ", ".join(("known_at", *kind.identity))
    connection.execute(
        f"CREATE TABLE given_asked AS SELECT *, row_number() OVER (ORDER BY {order}) - 1 AS"
        f" row_number FROM given_{kind.name} WHERE superseded_at IS NULL AND NOT cancelled"
        " ORDER BY row_number"
    )
    [(rows,)] = connection.execute("SELECT count(*) FROM given_asked").fetchall()
    return int(rows)


def _read(connection: duckdb.DuckDBPyConnection, kind: Kind, path: Path) -> str:
    """Select a kind's fields from its files, instants in microseconds."""
    types = kind.types | {"superseded_at": datetime}
    if not path.exists():
        nothing = ", ".join(f"CAST(NULL AS {_TYPES[t]}) AS {name}" for name, t in types.items())
        return f"SELECT {nothing} WHERE false"
    files = str(path / "**/*.parquet" if path.is_dir() else path).replace("'", "''")
    source = f"read_parquet('{files}', union_by_name = true)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    present = {row[0]: row[1] for row in described}
    check_columns(kind, present, "TIMESTAMP WITH TIME ZONE", path)
    columns = (_column(name, plain, name in present) for name, plain in types.items())
    return f"SELECT {', '.join(columns)} FROM {source}"


def _column(name: str, plain: type, is_present: bool) -> str:
    if not is_present:
        value = "false" if plain is bool else f"CAST(NULL AS {_TYPES[plain]})"
    elif plain is datetime:
        value = f"epoch_us({name})"
    elif plain is bool:
        value = f"coalesce({name}, false)"
    else:
        value = f"CAST({name} AS {_TYPES[plain]})"
    return f"{value} AS {name}"


def _write(sweep: Sweep, kept: tuple[str, ...], output: Path, rows_at_once: int) -> None:
    """Finish the table and write it, as many declarations at a time as make some rows."""
    schema = _schema(sweep.features)
    with pq.ParquetWriter(output, schema) as writer:
        for start, end in _stretches(sweep, rows_at_once):
            table = _finished(sweep, kept, start, end)
            table["known_at"] = table["known_at"].dt.tz_localize(None)
            writer.write_table(pa.Table.from_pandas(table, preserve_index=False).cast(schema))


def _schema(features: FeatureSet) -> pa.Schema:
    times = {"item_number": pa.int64(), "known_at": pa.timestamp("us", "UTC")}
    types = {name: times.get(name, pa.large_string()) for name in features.identity}
    kinds = {"number": pa.float64(), "category": pa.large_string()}
    return pa.schema(types | {feature.name: kinds[feature.kind] for feature in features.features})


def _finished(sweep: Sweep, kept: tuple[str, ...], start: int, end: int) -> pd.DataFrame:
    rows = sweep.rows_asked(start, end)
    columns: dict[str, Any] = {name: rows[name] for name in rows.columns}
    for name in kept:
        columns |= sweep.kept_answers(name, start, end)
    return finished(sweep.features, columns)


def _stretches(sweep: Sweep, rows_at_once: int) -> Iterator[tuple[int, int]]:
    """Cut the rows between subjects, and between instants."""
    own = f"(known_at, {sweep.features.about.own})"
    whole = (
        f"SELECT max(row_number) FROM given_asked WHERE {own} = (SELECT {own} FROM given_asked"
        " WHERE row_number = ?)"
    )
    start = 0
    while start < sweep.rows:
        last = min(start + rows_at_once, sweep.rows) - 1
        [(last,)] = sweep.connection.execute(whole, (last,)).fetchall()
        yield start, last + 1
        start = last + 1
