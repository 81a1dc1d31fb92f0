"""The same declared features for records now, from the live store's tiles.

The store answers by statements compiled from the profiles; whole days come from tiles, and what was
known on the day of asking from its facts or its tiles, so the answer at any instant equals the one
over history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import feature_set
from features.records import kind_of
from features.store import Store
from features.store.rows import columns_of
from features.store.times import micros

__all__ = ["Ask", "LiveFeatures"]

Cells = Mapping[str, Sequence[Any]]
Ask = Callable[[str, Mapping[str, Sequence[Any]]], Mapping[str, NDArray[Any]]]
AskIfNew = Callable[[str, Mapping[str, Sequence[Any]]], Mapping[str, NDArray[Any]] | None]


class LiveFeatures:
    """Features of a subject's records from an open store.

    All items of a declaration must be among the records, at one ``known_at``.

    Parameters
    ----------
    store : Store
        The live store.
    subject : str
        ``shipments`` or ``crossings``.
    """

    def __init__(self, store: Store, subject: str) -> None:
        self.store = store
        self.features = feature_set(subject)
        self.kind = kind_of(self.features.about.kind)
        self.types = self.kind.types

    def columns(
        self, records: Sequence[Mapping[str, Any]], ask: Ask | None = None
    ) -> dict[str, NDArray[Any]]:
        """Compute identity and features of pseudonymised records, in their order.

        Parameters
        ----------
        records : sequence of mappings
            Field to value; a missing field and ``None`` are the same, times are aware.
        ask : callable, optional
            Who is asked, by default :meth:`Store.live`.

        Returns
        -------
        dict of str to array
            As :meth:`table` has them: numbers float64 with NaN for missing, categories text or
            None, ``known_at`` datetime64 in UTC. It takes no more than the features cost.
        """
        columns = self._columns(records)
        answered = (ask or self.store.live)(self.features.subject, columns.cells)
        return self._finished(columns, answered)

    def columns_if_new(
        self, records: Sequence[Mapping[str, Any]], ask: AskIfNew
    ) -> dict[str, NDArray[Any]] | None:
        """Compute the same, unless any record of theirs, such as of a declaration, is held.

        Parameters
        ----------
        ask : callable
            Who is asked: :meth:`Turn.live_if_new`.
        """
        columns = self._columns(records)
        answered = ask(self.features.subject, columns.cells)
        return None if answered is None else self._finished(columns, answered)

    def table(self, records: pd.DataFrame) -> pd.DataFrame:
        """Compute the feature table of pseudonymised records, in their order."""
        columns = _Columns(self.types, {name: _plain(records[name]) for name in self.types})
        columns.update(self.store.live(self.features.subject, columns.cells))
        return self.features.table(columns, len(records))

    def _columns(self, records: Sequence[Mapping[str, Any]]) -> _Columns:
        cells = columns_of(records, self.types)
        for name in self.kind.typed[datetime]:
            cells[name] = [None if time is None else micros(time) for time in cells[name]]
        return _Columns(self.types, cells)

    def _finished(
        self, columns: _Columns, answered: Mapping[str, NDArray[Any]]
    ) -> dict[str, NDArray[Any]]:
        columns.update(answered)
        return self.features.values(columns)


class _Columns(dict[str, Any]):
    """A record's columns as arrays, made from plain values when they are first asked for."""

    def __init__(self, types: Mapping[str, type], cells: Cells) -> None:
        super().__init__()
        self.types = types
        self.cells = cells

    def __missing__(self, name: str) -> Any:
        value = self[name] = _array(self.cells[name], self.types[name])
        return value


def _array(values: Sequence[Any], plain: type) -> NDArray[Any]:
    if plain is str:
        return np.array(values, dtype=object)
    if plain is datetime:
        return np.array(values, dtype="int64").view("datetime64[us]")
    return np.array(values, dtype=float if None in values or plain is float else int)


def _plain(series: pd.Series) -> list[Any]:
    """Give a column's plain values, None for missing and microseconds since 1970 for times."""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return series.to_numpy("datetime64[us]").astype("int64").tolist()
    return [None if pd.isna(value) else value for value in series.tolist()]
