"""Reading records of a kind: as a frame, or some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, select

from features.records import kind_of
from features.store.schema import metadata

__all__ = ["READ_AT_ONCE", "arrow_schema", "read_frame", "read_tables", "version_columns"]

_ARROW = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", "UTC"),
}
# Rows that a connection has to fetch at once.
READ_AT_ONCE = 50_000


def read_frame(
    connection: Connection, kind: str, names: list[str], where: ColumnElement[bool]
) -> pd.DataFrame:
    """Read fields of a kind's records, in the order they came in."""
    definition = kind_of(kind)
    tables = list(read_tables(connection, kind, names, where))
    frame = pa.concat_tables([arrow_schema(kind, names).empty_table(), *tables]).to_pandas()
    whole = [name for name in names if definition.types.get(name) is int]
    optional = [name for name in whole if name not in definition.identity]
    return frame.astype(dict.fromkeys(optional, "Int64"))


def read_tables(
    connection: Connection, kind: str, names: list[str], where: ColumnElement[bool]
) -> Iterator[pa.Table]:
    """Read the same, as many rows at a time as the connection fetches."""
    table, schema = metadata.tables[kind], arrow_schema(kind, names)
    query = select(*(table.c[name] for name in names)).where(where).order_by(table.c.seq)
    for rows in connection.execute(query).partitions():
        cells = zip(*rows, strict=True)
        arrays = [
            pa.array(list(column), type=field.type)
            for field, column in zip(schema, cells, strict=True)
        ]
        yield pa.table(arrays, schema=schema)


def version_columns(kind: str) -> list[str]:
    """Name what is read of every version: the fields that are not sealed, and when it ended."""
    definition = kind_of(kind)
    return [*(n for n in definition.fields if n not in definition.sealed), "superseded_at"]


def arrow_schema(kind: str, names: list[str]) -> pa.Schema:
    """Give fields with the types that Arrow has for them."""
    types = kind_of(kind).types
    return pa.schema([(name, _ARROW[types.get(name, datetime)]) for name in names])
