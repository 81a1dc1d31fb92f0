"""The declared features over history: every record of a subject at its own instant.

Makes training sets, in DuckDB, from the expressions of the profiles. Strictly point in time: a
row sees what was known before its own ``known_at``, and what it says itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from features.catalog import FeatureSet, feature_set
from features.facts import FACTS, items
from features.profiles import Profile
from features.records import KINDS
from features.store import Store
from features.store.times import to_micros

__all__ = ["compute", "feature_table"]

Expression = Any  # ibis publishes no types
Progress = Callable[[float], None]
_RECORDS = {"shipments": "declarations"}


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
    history = {kind: store.read(kind) for kind in KINDS}
    kind = _RECORDS[subject]
    if records is None:
        asked = history[kind].sort_values(["known_at", *KINDS[kind].identity], ignore_index=True)
    else:
        asked = records.reset_index(drop=True)
        history[kind] = _with(history[kind], asked, list(KINDS[kind].identity))
    return compute(feature_set(subject), history, asked, progress)


def _with(known: pd.DataFrame, added: pd.DataFrame, identity: list[str]) -> pd.DataFrame:
    """Lay records over the known ones; the same record again counts once."""
    if known.empty:
        return added
    merged = pd.concat([known, added[known.columns]], ignore_index=True)
    return merged.drop_duplicates(identity, keep="last")


def compute(
    features: FeatureSet,
    history: Mapping[str, pd.DataFrame],
    asked: pd.DataFrame,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compute features from frames of records; the order of ``asked`` is kept."""
    connection = ibis.duckdb.connect()
    try:
        return _Run(connection, features).table(history, asked, progress or (lambda _: None))
    finally:
        connection.disconnect()


class _Run:
    """One computation: temporary tables in one connection."""

    def __init__(self, connection: Any, features: FeatureSet) -> None:
        self.connection = connection
        self.features = features

    def table(
        self, history: Mapping[str, pd.DataFrame], asked: pd.DataFrame, progress: Progress
    ) -> pd.DataFrame:
        tables = {kind: self._register(f"records_{kind}", frame) for kind, frame in history.items()}
        facts = {
            name: self._keep(f"facts_{name}", entry.of(tables)) for name, entry in FACTS.items()
        }
        numbered = asked.assign(row_number=range(len(asked)))
        question = self._keep("asked", items(self._register("records_asked", numbered)))
        results = []
        for done, profile in enumerate(self.features.profiles, start=1):
            results.append((profile, self._profile(profile, facts[profile.facts], question)))
            progress(done / (len(self.features.profiles) + 1))
        frame = self._collect(question, results)
        progress(1.0)
        columns = {name: _plain(frame[name]) for name in frame.columns}
        columns["known_at"] = asked["known_at"].to_numpy(dtype="datetime64[us]")
        table = self.features.table(columns, len(frame))
        table["known_at"] = table["known_at"].dt.tz_localize("UTC")
        return table

    def _register(self, name: str, frame: pd.DataFrame) -> Expression:
        self.connection.con.register(
            name, pa.Table.from_pandas(to_micros(frame), preserve_index=False)
        )
        return self.connection.table(name)

    def _keep(self, name: str, expression: Expression) -> Expression:
        return self.connection.create_table(name, expression, temp=True)

    def _profile(self, profile: Profile, facts: Expression, asked: Expression) -> Expression:
        named = asked.filter(*(asked[key].notnull() for key in profile.keys))
        instants = self._keep(f"instants_{profile.name}", profile.instants(facts))
        tiles = self._keep(f"tiles_{profile.name}", profile.tiles(instants))
        whole = self._keep(f"whole_{profile.name}", profile.whole(tiles, named))
        so_far = profile.so_far(instants, named)
        result = self._keep(f"features_{profile.name}", profile.features(whole, so_far))
        for stage in ("instants", "tiles", "whole"):
            self.connection.con.execute(f"DROP TABLE {stage}_{profile.name}")
        return result

    def _collect(
        self, asked: Expression, results: list[tuple[Profile, Expression]]
    ) -> pd.DataFrame:
        """Join the profiles' features to the rows asked about, a few profiles at a time."""
        rows = asked.to_pandas().sort_values("row_number", ignore_index=True)
        parts = [rows]
        for profile, result in results:
            keys = [*profile.keys, "known_at"]
            joined = asked.select("row_number", *keys).left_join(result, keys)
            part = joined.order_by("row_number").select(*profile.columns).to_pandas()
            parts.append(part)
        return pd.concat(parts, axis="columns")


def _plain(series: pd.Series) -> Any:
    """Give a column as numbers or as objects with None for missing."""
    if pd.api.types.is_numeric_dtype(series):
        return series.to_numpy()
    values = series.to_numpy(dtype=object)
    values[series.isna().to_numpy()] = None
    return values
