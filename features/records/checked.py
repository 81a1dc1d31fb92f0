"""What a check leaves: the accepted rows, and the rejections with what they take along.

A bad row is never dropped, and never takes another group of rows with it: an item that fails takes
its own declaration along, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from features.records.kinds import Kind
from features.records.rejections import Rejection

__all__ = ["Checked", "CheckedRows", "reject_groups", "without_failed"]


@dataclass(frozen=True)
class Checked:
    """Accepted rows as a typed frame indexed by their position, and the rejections."""

    accepted: pd.DataFrame
    rejected: list[Rejection]


@dataclass(frozen=True)
class CheckedRows:
    """Accepted rows as plain values by their position, None for missing, and the rejections."""

    accepted: dict[int, dict[str, Any]]
    rejected: list[Rejection]


def reject_groups(kind: Kind, checked: Checked) -> Checked:
    """Take from the accepted rows those that failed, with the rest of a group that is whole."""
    frame = checked.accepted
    failed = {rejection.index for rejection in checked.rejected}
    if not failed:
        return checked
    is_failed = frame.index.isin(failed)
    siblings = _siblings(kind, frame[~is_failed], checked.rejected) if kind.whole else []
    is_sibling = frame.index.isin([rejection.index for rejection in siblings])
    rejected = sorted(checked.rejected + siblings, key=lambda rejection: rejection.index)
    return Checked(frame[~(is_failed | is_sibling)], rejected)


def without_failed(kind: Kind, checked: CheckedRows) -> CheckedRows:
    """Take from plain rows those that failed, with the rest of a group that is whole."""
    failed = {rejection.index for rejection in checked.rejected}
    if not failed:
        return checked
    left = {index: row for index, row in checked.accepted.items() if index not in failed}
    bad = _bad_groups(checked.rejected) if kind.whole else set()
    groups = {index: row[kind.group] for index, row in left.items() if row[kind.group] in bad}
    siblings = [_incomplete(kind, index, group) for index, group in groups.items()]
    accepted = {index: row for index, row in left.items() if index not in groups}
    rejected = sorted(checked.rejected + siblings, key=lambda rejection: rejection.index)
    return CheckedRows(accepted, rejected)


def _siblings(kind: Kind, frame: pd.DataFrame, rejected: list[Rejection]) -> list[Rejection]:
    groups = frame.loc[frame[kind.group].isin(_bad_groups(rejected)), kind.group]
    found = zip(groups.index.tolist(), groups, strict=True)
    return [_incomplete(kind, index, group) for index, group in found]


def _bad_groups(rejected: list[Rejection]) -> set[str]:
    return {rejection.id for rejection in rejected if rejection.id is not None}


def _incomplete(kind: Kind, index: int, group: str) -> Rejection:
    detail = "another item of the same declaration was rejected"
    return Rejection(index, group, kind.group, "incomplete", detail, group)
