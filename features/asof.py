"""One record's features as of a time, each with the sentence an officer reads.

For a data scientist or an auditor: what was known of this record then, from the versions of records
that held then. The record's own declaration is the record itself, never its history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from features.batch import compute
from features.catalog import feature_set
from features.errors import TidewaiterError
from features.feature import Feature
from features.records import KINDS
from features.store import Store

__all__ = ["Said", "features_as_of"]


@dataclass(frozen=True)
class Said:
    """A feature, its value for the record (None where missing), and its sentence."""

    feature: Feature
    value: float | str | None
    sentence: str


def features_as_of(
    store: Store, subject: str, record_id: str, at: datetime | None = None
) -> dict[int, list[Said]]:
    """Give a record's features as of a time, by item number (0 where it has none).

    Parameters
    ----------
    at : datetime, optional
        UTC; without it, when the record was known.

    Raises
    ------
    TidewaiterError
        When no record of that identifier was known at that time.
    """
    features = feature_set(subject)
    about = features.about
    asked = _record(store, about.kind, record_id, at)
    moment = pd.Timestamp(at) if at else asked["known_at"].max()
    history = {k: store.read(k, as_of=moment.to_pydatetime()) for k in features.sources}
    mine = history[about.kind][about.own] == record_id
    history[about.kind] = history[about.kind][~mine]
    table = compute(features, history, asked.assign(known_at=moment))
    said = [_said(features.features, row) for row in _rows(table)]
    numbers = table["item_number"].tolist() if "item_number" in table else [0]
    return dict(zip(numbers, said, strict=True))


def _record(store: Store, kind: str, record_id: str, at: datetime | None) -> pd.DataFrame:
    """Read the record's items, as they were filed by then, whenever they were amended since."""
    later = None if at is None else at + pd.Timedelta(microseconds=1)
    records = store.read(kind, as_of=later)
    found = records[records[KINDS[kind].group] == record_id]
    if found.empty:
        when = "" if at is None else f" known by {at.isoformat()}"
        raise TidewaiterError(f"expected the identifier of a record{when}, came {record_id!r}")
    return found.sort_values(list(KINDS[kind].identity), ignore_index=True)


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _said(features: tuple[Feature, ...], row: dict[str, object]) -> list[Said]:
    return [Said(f, row[f.name], f.sentence(row[f.name], row)) for f in features]  # type: ignore[arg-type]
