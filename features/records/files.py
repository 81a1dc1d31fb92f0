"""Checking whole files: every kind in them, accepted rows together, rejected ones with reasons.

A declaration whose items lie far apart in the file still stands or falls as one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from features.records.check import check_columns
from features.records.checked import Checked, reject_groups
from features.records.clashes import clashes, contradiction
from features.records.kinds import kind_of
from features.records.readers import RawBatch, read
from features.records.rejections import Rejection

__all__ = ["CheckedFile", "check_file", "write_rejected"]


@dataclass
class CheckedFile:
    """What one kind of record in one file came to.

    ``accepted`` is indexed by the row number in the file; ``rows_rejected`` counts rows, not
    reasons; ``raw`` holds the rejected rows as they came, by row number; ``left_out`` names the
    columns that the kind has no field for.
    """

    path: Path
    kind: str
    accepted: pd.DataFrame = field(default_factory=pd.DataFrame)
    rejected: list[Rejection] = field(default_factory=list)
    raw: dict[int, dict[str, Any]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def rows_rejected(self) -> int:
        """Rows that were not accepted, for however many reasons."""
        return len({rejection.index for rejection in self.rejected})

    def without(self, places: Sequence[int]) -> CheckedFile:
        """Reject some of the accepted rows, by their places: they contradict what is stored."""
        found = _accepted(self.accepted, self.accepted.index[list(places)])
        rejected = [contradiction(kind_of(self.kind), row, cells) for row, cells in found.items()]
        return replace(
            self,
            accepted=self.accepted.drop(index=[*found]),
            rejected=[*self.rejected, *rejected],
            raw=self.raw | found,
        )


def check_file(
    path: Path,
    format_name: str | None = None,
    kind: str | None = None,
    progress: Callable[[int], None] | None = None,
    loaded_at: datetime | None = None,
) -> dict[str, CheckedFile]:
    """Read and check a file; keys are the kinds of record found in it.

    Rows that say neither when they were known nor when they occurred were known at ``loaded_at``.
    """
    parts: dict[str, list[CheckedFile]] = {}
    for batch in read(path, format_name, kind):
        parts.setdefault(batch.kind, []).append(_check(path, batch, loaded_at))
        if progress:
            progress(len(batch.rows))
    files = {name: _joined(checked) for name, checked in parts.items()}
    return _without_orphans(files)


def _check(path: Path, batch: RawBatch, loaded_at: datetime | None) -> CheckedFile:
    kind = kind_of(batch.kind)
    checked = check_columns(kind, batch.columns, len(batch.rows), loaded_at=loaded_at)
    accepted = checked.accepted.set_axis(pd.Index(batch.rows)[checked.accepted.index], axis="index")
    raw = {
        batch.rows[index]: {name: values[index] for name, values in batch.columns.items()}
        for index in {rejection.index for rejection in checked.rejected}
    }
    rejected = [replace(entry, index=batch.rows[entry.index]) for entry in checked.rejected]
    malformed = [replace(entry, sealed=bool(kind.sealed)) for entry in batch.malformed]
    left_out = tuple(name for name in batch.columns if name not in kind.fields)
    return CheckedFile(path, batch.kind, accepted, malformed + rejected, raw, left_out)


def _joined(parts: list[CheckedFile]) -> CheckedFile:
    first = parts[0]
    accepted = pd.concat([part.accepted for part in parts])
    rejected = [rejection for part in parts for rejection in part.rejected]
    rejected += clashes(kind_of(first.kind), accepted)
    whole = reject_groups(kind_of(first.kind), Checked(accepted, rejected))
    raw = {row: cells for part in parts for row, cells in part.raw.items()}
    siblings = accepted.index.difference(whole.accepted.index).difference(list(raw))
    raw |= _accepted(accepted, siblings)
    left_out = tuple(dict.fromkeys(name for part in parts for name in part.left_out))
    return CheckedFile(first.path, first.kind, whole.accepted, whole.rejected, raw, left_out)


def _accepted(accepted: pd.DataFrame, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Give rows that were accepted by themselves as they are to be kept aside."""
    return {int(row): {str(name): cell for name, cell in accepted.loc[row].items()} for row in rows}


def _without_orphans(files: dict[str, CheckedFile]) -> dict[str, CheckedFile]:
    """Leave out inspections of rows whose declaration was rejected: a row is kept aside once."""
    if {"declarations", "inspections"} <= set(files):
        failed = {rejection.index for rejection in files["declarations"].rejected}
        inspections = files["inspections"]
        inspections.accepted = inspections.accepted[~inspections.accepted.index.isin(failed)]
        inspections.rejected = [
            entry for entry in inspections.rejected if entry.index not in failed
        ]
    return files


def write_rejected(checked: CheckedFile, target: Path) -> None:
    """Append each rejected row as a line of JSON: file, row, reasons, and the row as it came."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    reasons: dict[int, list[Rejection]] = {}
    for rejection in checked.rejected:
        reasons.setdefault(rejection.index, []).append(rejection)
    with target.open("a", encoding="utf-8", errors="backslashreplace") as file:
        for row, found in sorted(reasons.items()):
            file.write(f"{_line(checked, row, found)}\n")


def _line(checked: CheckedFile, row: int, found: list[Rejection]) -> str:
    entry = {
        "file": str(checked.path),
        "kind": checked.kind,
        "row": row,
        "reasons": [
            {"field": r.field, "code": r.code, "detail": r.detail, "value": r.value} for r in found
        ],
        "record": checked.raw.get(row),
    }
    return json.dumps(entry, ensure_ascii=False, default=str)
