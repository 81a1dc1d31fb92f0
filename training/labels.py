"""What inspections say about goods items (or crossings): the labels.

A label is as known at a moment: results that became known later do not count. A control that
looked at no goods is no clean negative, and neither is an inconclusive one.
"""

from __future__ import annotations

import pandas as pd

from models.examples import FOUND

LOOKED_AT_NO_GOODS = "documents"
RANDOM = "random"


def item_labels(
    inspections: pd.DataFrame, items: pd.DataFrame, known_before: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Label the items that a conclusive inspection covered.

    Parameters
    ----------
    inspections : inspection records of one subject. With an ``item_number`` an inspection labels
        that item, without it the whole shipment.
    items : identity of the records: the subject's id and, for goods, ``item_number``.
    known_before : results known at this moment or later are left out.

    Returns
    -------
    One row a labelled item, with its identity and
    ``outcome`` (bool) any inspection found an offence;
    ``found_<offence>`` (bool) one found this offence, for every offence found anywhere;
    ``label_known_at`` (UTC) when the first result of that outcome was known;
    ``selection_probability`` (0 to 1) the largest logged, NaN when none was;
    ``random`` (bool) an inspection was drawn at random;
    ``revenue`` recovered, an inspection's being shared evenly among its items; NaN when none was
    recorded.
    """
    found = _conclusive(inspections)
    if known_before is not None:
        found = found.loc[found["known_at"] < known_before]
    offences = sorted(found.loc[found["outcome"], "offence"].dropna().unique())
    covered = _covered_items(found, items)
    for offence in offences:
        covered[FOUND + offence] = covered["outcome"] & covered["offence"].eq(offence).fillna(False)
    return _one_label_an_item(covered, list(items.columns), offences)


def _conclusive(inspections: pd.DataFrame) -> pd.DataFrame:
    offence = inspections["result"].eq("offence").fillna(False).astype(bool)
    clear = inspections["result"].eq("clear").fillna(False).astype(bool)
    documents = inspections["control_type"].eq(LOOKED_AT_NO_GOODS).fillna(False).astype(bool)
    random = inspections["selection_reason"].eq(RANDOM).fillna(False).astype(bool)
    return inspections.assign(outcome=offence, random=random).loc[offence | (clear & ~documents)]


def _covered_items(found: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """One row for each inspection and item it covered."""
    subject_id = str(items.columns[0])
    found = found.rename(columns={"subject_id": subject_id, "known_at": "label_known_at"})
    if "item_number" not in items:
        covered = items.merge(found.drop(columns="item_number"), on=subject_id)
    else:
        whole = found["item_number"].isna()
        one = found.loc[~whole].astype({"item_number": "int64"})
        by_item = items.merge(one, on=[subject_id, "item_number"])
        by_shipment = items.merge(found.loc[whole].drop(columns="item_number"), on=subject_id)
        covered = pd.concat([part for part in (by_item, by_shipment) if len(part)] or [by_item])
    shared = covered.groupby("inspection_id")["inspection_id"].transform("size")
    recovered = covered["revenue_recovered"].astype("float64")
    return covered.assign(revenue=recovered / shared).reset_index(drop=True)


def _one_label_an_item(
    covered: pd.DataFrame, identity: list[str], offences: list[str]
) -> pd.DataFrame:
    any_offence = covered.groupby(identity)["outcome"].transform("max").astype(bool)
    decisive = covered["outcome"] | ~any_offence
    covered = covered.assign(
        label_known_at=covered["label_known_at"].where(decisive),
        selection_probability=covered["selection_probability"].astype("float64"),
    )
    groups = covered.groupby(identity, sort=False)
    flags = ["outcome", "random", *(FOUND + offence for offence in offences)]
    labels = groups[flags].any()
    labels["label_known_at"] = groups["label_known_at"].min()
    labels["selection_probability"] = groups["selection_probability"].max()
    labels["revenue"] = groups["revenue"].sum(min_count=1)
    return labels.reset_index()
