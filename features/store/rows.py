"""Records as columns of plain values: what is hashed, planned and written, however they came."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from features.records import Kind
from features.store.times import micros

__all__ = ["AT_ONCE", "Records", "Rows", "chunks", "columns_of"]

# How many values a statement is given to look for.
AT_ONCE = 500
Records = pd.DataFrame | Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Rows:
    """Accepted records of a kind.

    Parameters
    ----------
    kind : Kind
        Their kind.
    said : dict of str to list
        Each field's values: text, numbers, aware times, None for missing.
    stored : dict of str to list
        The same with times in microseconds since 1970 UTC, as the store keeps them.
    """

    kind: Kind
    said: dict[str, list[Any]]
    stored: dict[str, list[Any]]

    @classmethod
    def of(cls, records: Records, kind: Kind) -> Rows:
        """Read records: a frame, or mappings in which a missing field and None are the same."""
        times = kind.typed[datetime]
        if isinstance(records, pd.DataFrame):
            said = {name: _plain(records[name]) for name in kind.types}
            instants = {name: _instants(records[name]) for name in times}
        else:
            said = columns_of(records, kind.types)
            said |= {name: [*map(bool, said[name])] for name in kind.typed[bool]}
            instants = {
                name: [None if time is None else micros(time) for time in said[name]]
                for name in times
            }
        return cls(kind, said, said | instants)

    def known_at(self, instants: list[int]) -> Rows:
        """Give the same records, known at other instants, in microseconds."""
        return replace(self, stored=self.stored | {"known_at": instants})

    def __len__(self) -> int:
        """Count the records."""
        return len(self.said[self.kind.group])

    def identities(self) -> list[tuple[Any, ...]]:
        """Give each record's identity."""
        return list(zip(*(self.stored[name] for name in self.kind.identity), strict=True))


def columns_of(
    records: Sequence[Mapping[str, Any]], names: Collection[str]
) -> dict[str, list[Any]]:
    """Give fields of records by name, None where a record has none."""
    rows = [[*map(record.get, names)] for record in records]
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return dict(zip(names, map(list, columns), strict=True))


def _plain(series: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in series.tolist()]


def _instants(series: pd.Series) -> list[int | None]:
    instants = series.to_numpy("datetime64[us]").astype("int64").tolist()
    if not series.hasnans:
        return instants
    return [
        None if gone else instant for instant, gone in zip(instants, series.isna(), strict=True)
    ]


def chunks(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Give values in parts of a size, the last perhaps of less."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
