"""Whom a ranking errs on: error rates by the driver's nationality, the goods' origin, the office.

What is compared is no input of these figures' model: it is read from the records, for audit only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.catalog import RECORDS, FeatureSet
from features.store import Store
from training.intervals import proportion_interval
from training.metrics import inspected

# The share of shipments taken as selected: a rate between the red and the yellow channel's.
SELECTED_PCT = 10
LEAST_CLEARED = 30

_LINK = "declaration_id"
_COLUMNS = {
    "declarations": {"origin": "origin_country", "office": "office_id"},
    "crossings": {"nationality": "driver_nationality", "office": "post_id"},
}
_LINKED = {
    "declarations": ("crossings", {"nationality": "driver_nationality"}),
    "crossings": ("declarations", {"origin": "origin_country"}),
}


@dataclass(frozen=True)
class ErrorRate:
    """How a ranking errs on one group of inspected shipments.

    Attributes
    ----------
    attribute, group : for example ``origin`` and ``EC``.
    cleared, cleared_selected : shipments without an offence, and those of them among the riskiest
        `SELECTED_PCT` % of all.
    offences, offences_missed : shipments with one, and those of them that are not.
    """

    attribute: str
    group: str
    cleared: int
    cleared_selected: int
    offences: int
    offences_missed: int

    @property
    def false_positive_rate(self) -> float:
        """Share of the cleared that is selected."""
        return self.cleared_selected / self.cleared

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the false positive rate."""
        return proportion_interval(self.cleared_selected, self.cleared)

    @property
    def false_negative_rate(self) -> float:
        """Share of the offences that is not selected; NaN without offences."""
        return self.offences_missed / self.offences if self.offences else np.nan

    @property
    def missed_interval(self) -> tuple[float, float]:
        """The 95 % interval of the false negative rate; all of it without offences."""
        missed, offences = self.offences_missed, self.offences
        return proportion_interval(missed, offences) if offences else (0.0, 1.0)


def group_values(store: Store, features: FeatureSet, shipments: pd.DataFrame) -> pd.DataFrame:
    """Read each ranked shipment's groups, in its order: a column an attribute, NaN where unknown.

    A shipment's driver is that of the crossing which names its declaration, and a crossing's
    origin that of the goods it carried.
    """
    kind = RECORDS[features.subject]
    identity = [name for name in features.identity if name != "known_at"]
    own, (other, linked) = _COLUMNS[kind], _LINKED[kind]
    fields = dict.fromkeys([*identity, _LINK, *own.values()])
    records = store.read(kind, fields=list(fields)).drop_duplicates(identity)
    beside = store.read(other, fields=[_LINK, *linked.values()])
    beside = beside.dropna().drop_duplicates(_LINK)
    found = shipments[identity].merge(records, "left", on=identity).merge(beside, "left", on=_LINK)
    names = {column: attribute for attribute, column in (own | linked).items()}
    return found.rename(columns=names)[sorted(names.values())].set_index(shipments.index)


def selected(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which ranked shipments are among the riskiest `SELECTED_PCT` %."""
    return pd.Series(inspected(np.ones(len(frame)), SELECTED_PCT), frame.index)


def error_rates(frame: pd.DataFrame, values: pd.DataFrame) -> list[ErrorRate]:
    """Error rates of every group with at least `LEAST_CLEARED` cleared shipments.

    Parameters
    ----------
    frame : ranked shipments, as `judged_shipments` gives them.
    values : their groups, as `group_values` reads them.
    """
    return [rate for attribute in values for rate in _rates(frame, values[attribute])]


def _rates(frame: pd.DataFrame, value: pd.Series[str]) -> Iterator[ErrorRate]:
    taken = selected(frame)
    for group, rows in frame.groupby(value, observed=True):
        found, chosen = rows["outcome"].astype(bool), taken.loc[rows.index]
        cleared = int((~found).sum())
        if cleared >= LEAST_CLEARED:
            yield ErrorRate(
                str(value.name),
                str(group),
                cleared,
                int((~found & chosen).sum()),
                int(found.sum()),
                int((found & ~chosen).sum()),
            )
