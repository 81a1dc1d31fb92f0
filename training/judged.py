"""Shipments as a model ranks them, beside what their inspections found."""

from __future__ import annotations

import pandas as pd

from models import Examples, RiskModel
from models.examples import FOUND


def judged_shipments(model: RiskModel, examples: Examples) -> pd.DataFrame:
    """One row a labelled shipment, the riskiest first.

    Returns
    -------
    The riskiest labelled item's scores and ``known_at``; over all labelled items of the shipment
    ``outcome`` and ``found_<offence>`` (any), ``random`` (any), ``revenue`` (sum, NaN when none
    was recorded) and ``weight``, the inverse of its selection probability (1 when unknown).
    """
    subject_id = model.features.identity[0]
    shipments = model.per_shipment(model.score(examples.table))
    groups = examples.labels.groupby(examples.table[subject_id].to_numpy(), sort=False)
    flags = ["outcome", "random", *(FOUND + offence for offence in examples.offences)]
    found = groups[flags].any()
    found["revenue"] = groups["revenue"].sum(min_count=1)
    found["weight"] = 1.0 / groups["selection_probability"].max().fillna(1.0)
    together = shipments.merge(found, left_on=subject_id, right_index=True, validate="one_to_one")
    return together.iloc[model.ranking(together)].reset_index(drop=True)
