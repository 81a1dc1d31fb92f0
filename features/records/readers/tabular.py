"""Readers of delimited text, JSON lines and Parquet; each yields raw batches and loses no row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import TidewaiterError
from features.records.readers.batches import BATCH_ROWS, RawBatch, chunked
from features.records.rejections import Rejection

__all__ = ["read_csv", "read_jsonl", "read_parquet"]


def read_csv(path: Path) -> Iterator[RawBatch]:
    """Read comma, semicolon or tab separated text with a header, UTF-8 with or without a mark."""
    # Undecodable bytes survive as surrogates, so that only their own rows fail the check.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        header_line = file.readline()
        if not header_line.strip():
            raise TidewaiterError(f"{path}: expected a header line with column names, found none")
        delimiter = max(",;\t", key=header_line.count)
        header = [name.strip() for name in next(csv.reader([header_line], delimiter=delimiter))]
        reader = csv.reader(file, delimiter=delimiter)
        for chunk in chunked(enumerate(reader, start=1)):
            yield _csv_batch(header, chunk)


def _csv_batch(header: list[str], chunk: list[tuple[int, list[str]]]) -> RawBatch:
    good = [(number, cells) for number, cells in chunk if len(cells) == len(header)]
    malformed = [
        Rejection(
            number,
            None,
            "",
            "columns",
            f"expected {len(header)} columns, found {len(cells)}",
            cells,
        )
        for number, cells in chunk
        if cells and len(cells) != len(header)
    ]
    values = zip(*(cells for _, cells in good), strict=True) if good else ([] for _ in header)
    columns = {name: list(column) for name, column in zip(header, values, strict=True)}
    return RawBatch("", columns, [number for number, _ in good], malformed)


def read_jsonl(path: Path) -> Iterator[RawBatch]:
    """Read one JSON object a line; NaN and Infinity are read, so that the check can name them."""
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        for chunk in chunked((n, line) for n, line in enumerate(file, start=1) if line.strip()):
            yield _jsonl_batch(chunk)


def _jsonl_batch(chunk: list[tuple[int, str]]) -> RawBatch:
    rows: list[tuple[int, dict[str, Any]]] = []
    malformed: list[Rejection] = []
    for number, line in chunk:
        record = _parse_object(line)
        if isinstance(record, str):
            malformed.append(Rejection(number, None, "", "json", record, line.strip()[:200]))
        else:
            rows.append((number, record))
    names = dict.fromkeys(name for _, record in rows for name in record)
    columns = {name: [record.get(name) for _, record in rows] for name in names}
    return RawBatch("", columns, [number for number, _ in rows], malformed)


def _parse_object(line: str) -> dict[str, Any] | str:
    try:
        record = json.loads(line)
    except ValueError as error:
        return f"expected a JSON object: {error}"
    return record if isinstance(record, dict) else "expected a JSON object, found another value"


def read_parquet(path: Path) -> Iterator[RawBatch]:
    """Read Parquet row group by row group; nulls are missing, NaN is not."""
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise TidewaiterError(f"{path}: expected a Parquet file: {error}") from error
    start = 1
    for batch in file.iter_batches(batch_size=BATCH_ROWS):
        columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        yield RawBatch("", columns, list(range(start, start + batch.num_rows)))
        start += batch.num_rows
