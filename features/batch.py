"""The declared features over history: every record of a subject at its own instant.

Makes training sets, in DuckDB, from the expressions of the profiles. Strictly point in time: a
row sees what was known before its own ``known_at``, and what it says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from features.catalog import RECORDS, FeatureSet, feature_set
from features.finishing import finished
from features.history import Progress
from features.records import KINDS
from features.store import Store
from features.sweep import Sweep

__all__ = ["compute", "feature_table"]


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
    kind = RECORDS[subject]
    if records is None:
        order = ["known_at", *KINDS[kind].identity]
        asked = history[kind] = history[kind].sort_values(order, ignore_index=True)
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
    columns: dict[str, Any] = {name: asked[name] for name in asked.columns}
    with Sweep.over(features, history, asked) as sweep:
        columns |= sweep.derived() if features.derived else {}
        columns |= sweep.answers(progress or _silent)
    return finished(features, columns)


def _silent(_share: float) -> None:
    """Tell nobody how far a computation is."""
