"""Records of one delivery that contradict each other: nothing tells which is the right one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from features.records.kinds import Kind
from features.records.rejections import Rejection

__all__ = ["clash", "clashes", "contradiction"]


def clash(kind: Kind, index: int, row: Mapping[str, Any]) -> Rejection:
    """Reject a record beside which there is another of its identity that says something else."""
    named, field = " and ".join(kind.identity), kind.identity[-1]
    detail = f"expected each {named} once, got different records of one"
    return Rejection(index, str(row[kind.group]), field, "duplicate", detail, row[field])


def contradiction(kind: Kind, index: int, row: Mapping[str, Any]) -> Rejection:
    """Reject a record of which something else is stored as known at the same instant."""
    detail = (
        "expected another time: what is stored of the record at this one is different;"
        " a correction says when it became known"
    )
    told = row["known_at"].isoformat()
    return Rejection(index, str(row[kind.group]), "known_at", "contradicts", detail, told)


def clashes(kind: Kind, accepted: pd.DataFrame) -> list[Rejection]:
    """Reject rows of a file that are known at one instant, are of one record, and differ.

    Rows that are alike are one record, and those known at different instants its versions.
    """
    same = [*kind.identity, "known_at"]
    sharing = accepted[accepted.duplicated(same, keep=False)]
    different = sharing.drop_duplicates()
    different = different[different.duplicated(same, keep=False)]
    if different.empty:
        return []
    keys = pd.MultiIndex.from_frame(different[same])
    rows = sharing[pd.MultiIndex.from_frame(sharing[same]).isin(keys)]
    names = list(dict.fromkeys([*kind.identity, kind.group]))
    told = zip(*(rows[name].tolist() for name in names), strict=True)
    return [
        clash(kind, index, dict(zip(names, row, strict=True)))
        for index, row in zip(rows.index.tolist(), told, strict=True)
    ]
