"""What a reader yields: rows as they came, column by column, still unchecked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from features.records.rejections import Rejection

__all__ = ["BATCH_ROWS", "RawBatch", "chunked"]

BATCH_ROWS = 50_000
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class RawBatch:
    """Rows of one kind from one file.

    Parameters
    ----------
    kind : str
        Kind of record the rows claim to be.
    columns : dict of str to list
        Field to raw values, all of one length.
    rows : list of int
        Number of each row in its file; the first record is row 1.
    malformed : list of Rejection
        Rows that could not be split into fields; their ``index`` is the row number in the file.
    """

    kind: str
    columns: dict[str, list[Any]]
    rows: list[int]
    malformed: list[Rejection] = field(default_factory=list)


def chunked(items: Iterable[_Item], size: int = BATCH_ROWS) -> Iterator[list[_Item]]:
    """Cut a stream into lists of at most ``size``."""
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk
