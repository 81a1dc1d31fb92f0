"""Features and labels put together, weighted for how items and shipments were selected.

Every shipment weighs the same however many items it has, times the inverse of the probability
with which it was selected, where that was logged.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import FeatureSet
from models.examples import Examples
from training.labels import item_labels

# A rarely selected shipment speaks for many, but never for more than this: beyond it the variance
# of the weights costs more than the bias of truncating them (Ionides, "Truncated importance
# sampling", 2008).
LARGEST_SELECTION_WEIGHT = 20.0


def labelled(
    features: FeatureSet,
    table: pd.DataFrame,
    inspections: pd.DataFrame,
    known_before: pd.Timestamp | None = None,
) -> Examples:
    """Label the inspected rows of a feature table, as was known at a moment.

    Parameters
    ----------
    table : feature table of shipments or crossings, every item of a shipment in it.
    inspections : inspection records of any subject.
    known_before : results known at this moment or later are left out.
    """
    identity = [name for name in features.identity if name != "known_at"]
    ours = inspections["subject"].eq(features.subject).fillna(False).astype(bool)
    labels = item_labels(inspections.loc[ours], table[identity], known_before)
    items = table.groupby(identity[0])[identity[0]].transform("size")
    rows = table[identity].assign(_row=np.arange(len(table)), _items=items)
    rows = rows.merge(labels, on=identity, validate="one_to_one")
    rows["weight"] = selection_weight(rows["selection_probability"]) / rows["_items"]
    return Examples(
        table.iloc[rows["_row"].to_numpy()].reset_index(drop=True),
        rows.drop(columns=[*identity, "_row", "_items"]),
    )


def selection_weight(probability: pd.Series[Any]) -> pd.Series[Any]:
    """Inverse of the selection probability, at most `LARGEST_SELECTION_WEIGHT`; 1 when unknown.

    Examples
    --------
    >>> selection_weight(pd.Series([1.0, 0.1, 0.001, np.nan])).tolist()
    [1.0, 10.0, 20.0, 1.0]
    """
    floor = 1 / LARGEST_SELECTION_WEIGHT
    return 1.0 / probability.astype("float64").fillna(1.0).clip(floor, 1.0)


def fingerprint_of_data(examples: Examples) -> str:
    """SHA-256 of the training table: names and types of its columns, and every row's values.

    Numbers count to single precision and the sixth decimal: sums that several threads make differ
    in their last bits from run to run.
    """
    digest = sha256()
    for frame in (examples.table, examples.labels):
        digest.update(repr([(str(c), str(t)) for c, t in frame.dtypes.items()]).encode())
        told = frame.apply(_settled)
        digest.update(pd.util.hash_pandas_object(told, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _settled(column: pd.Series[Any]) -> pd.Series[Any]:
    if not pd.api.types.is_float_dtype(column):
        return column
    # Adding zero makes one of both zeros.
    return column.astype("float32").astype("float64").round(6) + 0.0
