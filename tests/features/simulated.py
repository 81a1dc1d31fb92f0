"""Small simulated worlds in a store, with some records of every kind filed again or withdrawn."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from features.records.files import check_file
from features.store import Store

# The kinds that facts are made from, each with what is said otherwise when it is filed again.
_OTHERWISE = {
    "declarations": "customs_value",
    "movements": "gross_mass_kg",
    "crossings": "gross_mass_kg",
    "payments": "amount",
    "inspections": "result",
}


def fill(store: Store, folder: Path, *, amended: bool) -> None:
    """Take a simulated world in."""
    for kind in _OTHERWISE:
        filed = check_file(folder / f"{kind}.parquet", None)[kind].accepted
        store.take_in(kind, filed)
        for changed in (filed_again(kind, filed), withdrawn(filed)) if amended else ():
            assert store.take_in(kind, changed).amended == len(changed) > 0, kind


def filed_again(kind: str, filed: pd.DataFrame) -> pd.DataFrame:
    """Every ninth record, three days later, says otherwise; of shipments these are parts too."""
    field, again = _OTHERWISE[kind], filed[::9]
    said = again[field]
    if kind == "inspections":
        other = said.map({"offence": "clear"}).fillna("offence")
    else:
        other = said.fillna(0.0) * 2 + 1
    return again.assign(known_at=again["known_at"] + pd.Timedelta(days=3), **{field: other})


def withdrawn(filed: pd.DataFrame) -> pd.DataFrame:
    """Every thirty-first record, four days later, is withdrawn."""
    gone = filed[::31]
    return gone.assign(known_at=gone["known_at"] + pd.Timedelta(days=4), cancelled=True)
