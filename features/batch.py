"""The declared features over history: every record of a subject at its own instant.

Makes training sets, in DuckDB, from the expressions of the profiles. Strictly point in time: a
row sees what was known before its own ``known_at``, and what it says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from features.catalog import FeatureSet, feature_set
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
        ``shipments`` or ``crossings``.
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
    features = feature_set(subject)
    history = store.history(features.sources)
    kind = KINDS[features.about.kind]
    if records is None:
        every = history[kind.name]
        in_force = every["superseded_at"].isna() & ~every["cancelled"]
        current = every[in_force].drop(columns="superseded_at")
        asked = current.sort_values(["known_at", *kind.identity], ignore_index=True)
        if in_force.all():
            history[kind.name] = asked  # nothing was amended: the rows asked about are the history
    else:
        asked = records.reset_index(drop=True)
        history[kind.name] = _with(history[kind.name], asked, list(kind.identity))
    return compute(features, history, asked, progress)


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
    columns: dict[str, Any] = {name: asked[name] for name in asked.columns}
    with Sweep.over(features, history, asked) as sweep:
        columns |= sweep.derived() if features.derived else {}
        columns |= sweep.answers(progress or _silent)
    return finished(features, columns)


def _silent(_share: float) -> None:
    """Tell nobody how far a computation is."""
