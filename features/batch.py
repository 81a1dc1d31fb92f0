"""The declared features over history: every record of a subject at its own instant.

Makes training sets, in DuckDB, from the expressions of the profiles. Strictly point in time: a
row sees what was known before its own ``known_at``, and what it says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from features.catalog import RECORDS, FeatureSet, feature_set
from features.facts import SOURCES, items
from features.finishing import finished
from features.history import Progress, Remembered, remembered
from features.records import KINDS
from features.store import Store
from features.store.times import to_micros

__all__ = ["compute", "feature_table"]

Expression = Any  # ibis publishes no types


def feature_table(
    store: Store,
    subject: str,
    records: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compute a subject's features.

    Parameters
    ----------
    store : Store
        Where the history is.
    subject : str
        ``shipments``.
    records : DataFrame, optional
        Pseudonymised records to give features to; they also count as history for later ones among
        them. Without it, every record in the store.
    progress : callable, optional
        Called with the share done, from 0 to 1.

    Returns
    -------
    DataFrame
        Identity columns, then one column a feature; in order of ``known_at`` and identity, or
        in the order of ``records``.
    """
    history = {kind: store.versions(kind) for kind in SOURCES}
    kind = KINDS[RECORDS[subject]]
    if records is None:
        every = history[kind.name]
        in_force = every["superseded_at"].isna() & ~every["cancelled"]
        current = every[in_force].drop(columns="superseded_at")
        asked = current.sort_values(["known_at", *kind.identity], ignore_index=True)
    else:
        asked = records.reset_index(drop=True)
        history[kind.name] = _with(history[kind.name], asked, list(kind.identity))
    return compute(feature_set(subject), history, asked, progress)


def _with(known: pd.DataFrame, added: pd.DataFrame, identity: list[str]) -> pd.DataFrame:
    """Lay records over the known ones, whose versions they replace from their instants on."""
    if known.empty:
        return added
    added = added.drop_duplicates(identity, keep="last")
    replacing = known[identity].merge(added[[*identity, "known_at"]], "left", on=identity)
    instant = replacing["known_at"].set_axis(known.index)
    ends = known["superseded_at"].where(~(known["superseded_at"] > instant), instant)
    earlier = known.assign(superseded_at=ends.fillna(instant))
    earlier = earlier[~(earlier["known_at"] >= instant)]
    return pd.concat([earlier, added.reindex(columns=known.columns)], ignore_index=True)


def compute(
    features: FeatureSet,
    history: Mapping[str, pd.DataFrame],
    asked: pd.DataFrame,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compute features from frames of records; the order of ``asked`` is kept.

    Parameters
    ----------
    history : records by kind. Where they come in versions, ``superseded_at`` says from when another
        holds, missing for those in force; without the column, each is the only one.
    """
    connection = ibis.duckdb.connect()
    try:
        rows = _remembered(_DuckDB(connection), features, history, asked, progress or _silent)
    finally:
        connection.disconnect()
    return finished(features, rows)


def _silent(_share: float) -> None:
    """Tell nobody how far a computation is."""


def _remembered(
    engine: _DuckDB,
    features: FeatureSet,
    history: Mapping[str, pd.DataFrame],
    asked: pd.DataFrame,
    progress: Progress,
) -> pd.DataFrame:
    records = {
        kind: engine.given(f"records_{kind}", _in_versions(frame))
        for kind, frame in history.items()
    }
    numbered = asked.assign(row_number=range(len(asked)))
    question = engine.keep("asked", items(engine.given("records_asked", numbered)))
    rows = _collect(question, remembered(engine, features, records, question, progress))
    progress(1.0)
    return rows


def _in_versions(frame: pd.DataFrame) -> pd.DataFrame:
    if "superseded_at" in frame.columns:
        return frame
    return frame.assign(superseded_at=pd.Series(pd.NaT, frame.index, dtype="datetime64[us, UTC]"))


class _DuckDB:
    """An engine of temporary tables in one connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def given(self, name: str, frame: pd.DataFrame) -> Expression:
        """Give a frame of records as a relation."""
        self.connection.con.register(
            name, pa.Table.from_pandas(to_micros(frame), preserve_index=False)
        )
        return self.connection.table(name)

    def keep(self, name: str, relation: Expression) -> Expression:
        return self.connection.create_table(name, relation, temp=True)

    # Worked out at once, what is read once bounds the memory of the statement that reads it.
    stage = keep

    def holds(self, relation: Expression) -> bool:
        return bool(relation.limit(1).count().execute())

    def forget(self, *names: str) -> None:
        for name in names:
            self.connection.con.execute(f"DROP TABLE {name}")


def _collect(asked: Expression, results: list[Remembered]) -> pd.DataFrame:
    """Join the profiles' features to the rows asked about, one profile at a time."""
    parts = [asked.to_pandas().sort_values("row_number", ignore_index=True)]
    for profile, settled, loose in results:
        answers = profile.answers(asked, settled, loose)
        parts.append(answers.order_by("row_number").select(*profile.columns).to_pandas())
    return pd.concat(parts, axis="columns")
