"""Who comes first: by log-odds, and among equals by a keyed hash of the id.

The hash is keyed so that nobody can choose an id that sorts last, and it does not depend on the
order in which records arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def keyed_hash(record_id: str, key: bytes) -> int:
    """64-bit keyed BLAKE2b hash (RFC 7693) of a record's id."""
    return int.from_bytes(blake2b(record_id.encode(), digest_size=8, key=key).digest(), "big")


def ranking(
    log_odds: NDArray[np.float64], record_ids: Sequence[str], key: bytes
) -> NDArray[np.intp]:
    """Positions of records from the riskiest to the least risky, shape (n,)."""
    hashes = np.array([keyed_hash(str(record), key) for record in record_ids], dtype=np.uint64)
    return np.lexsort((hashes, -log_odds))


def riskiest_items(items: pd.DataFrame, subject_id: str) -> pd.DataFrame:
    """Keep the riskiest row of each subject, subjects in order of first appearance.

    Of items with equal log-odds the one that comes first by ``item_number`` stands for the
    shipment; without items, every subject has one row and is returned as it is.
    """
    numbers = items["item_number"].to_numpy() if "item_number" in items else None
    rows = riskiest_rows(items[subject_id].to_numpy(), items["log_odds"].to_numpy(), numbers)
    return items.iloc[rows].reset_index(drop=True)


def riskiest_rows(
    record_ids: NDArray[Any], log_odds: NDArray[np.float64], numbers: NDArray[Any] | None
) -> NDArray[np.intp]:
    """Positions of the rows that `riskiest_items` keeps.

    Examples
    --------
    >>> riskiest_rows(np.array(["B", "A", "B"]), np.array([0.1, 3.0, 0.2]), np.array([1, 1, 2]))
    array([2, 1])
    """
    places: dict[Any, int] = {}
    each = [places.setdefault(one, len(places)) for one in record_ids.tolist()]
    if len(places) == len(each):
        return np.arange(len(each))
    subjects = np.array(each, dtype=np.intp)
    order = np.lexsort((-log_odds,) if numbers is None else (numbers, -log_odds))[::-1]
    best = np.empty(len(places), dtype=np.intp)
    best[subjects[order]] = order  # the last that is written to a place stays
    return best
