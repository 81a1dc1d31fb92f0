"""Parquet files written a few weeks at a time, the same bytes for the same rows.

Invariant: nothing of the clock, the machine or the folder gets into a file.
"""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS: Final = 65_536


class ParquetFile:
    """A file that is being written; rows wait until a row group is full.

    Parameters
    ----------
    path
        Where to write; its folder is made.
    schema
        The columns, in order.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = 0
        self._waiting = schema.empty_table()
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", version="2.6")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def append(self, table: pa.Table) -> None:
        """Add rows at the end."""
        self.rows += len(table)
        self._waiting = pa.concat_tables([self._waiting, table])
        if len(self._waiting) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if len(self._waiting):
            self._writer.write_table(self._waiting.combine_chunks(), GROUP_ROWS)
            self._waiting = self._waiting.schema.empty_table()
