"""Checking rows against their kind: the good ones typed, the bad ones with every reason.

A bad row is never dropped, and never takes another group of rows with it: an item that fails takes
its own declaration along, nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from features.records.kinds import Kind, kind_of
from features.records.rules import Rule

__all__ = ["WITHHELD", "Checked", "Rejection", "check_columns", "check_rows", "reject_groups"]

WITHHELD = "(withheld)"

_ARROW_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Rejection:
    """One reason why one row was not accepted.

    Parameters
    ----------
    index : int
        Position of the row among those checked, from 0.
    id : str or None
        Its identifier, where it has one.
    field, code, detail : str
        What is wrong: the field, a stable code, and a sentence for a person.
    value : object
        What came.
    sealed : bool
        Whether what came may be told to nobody but who keeps the rejected rows.
    """

    index: int
    id: str | None
    field: str
    code: str
    detail: str
    value: object = None
    sealed: bool = False

    @property
    def told(self) -> object:
        """What came, as an answer or a message may repeat it."""
        return WITHHELD if self.sealed else self.value


@dataclass(frozen=True)
class Checked:
    """Accepted rows as a typed frame indexed by their position, and the rejections."""

    accepted: pd.DataFrame
    rejected: list[Rejection]


def check_rows(
    kind: str, rows: Sequence[Mapping[str, object]], received_at: datetime | None = None
) -> Checked:
    """Check rows that came as mappings.

    Parameters
    ----------
    kind : str
        Such as ``declarations``.
    rows : sequence of mappings
        Field to raw value; missing keys, ``None`` and empty text are all missing.
    received_at : datetime, optional
        Taken for ``known_at`` where a row has none.

    Examples
    --------
    >>> checked = check_rows("inspections", [{"inspection_id": "I1", "result": "fine"}])
    >>> sorted({rejection.field for rejection in checked.rejected})
    ['known_at', 'result', 'subject', 'subject_id']
    """
    definition = kind_of(kind)
    columns = {name: [row.get(name) for row in rows] for name in definition.fields}
    return check_columns(definition, columns, len(rows), received_at)


def check_columns(
    kind: Kind,
    columns: Mapping[str, list[Any]],
    length: int,
    received_at: datetime | None = None,
    loaded_at: datetime | None = None,
) -> Checked:
    """Check rows that came as columns; columns that the kind does not know are left out.

    A row without ``known_at`` was known at ``received_at`` where that is given, else when it
    occurred, else at ``loaded_at``.
    """
    clean: dict[str, list[Any]] = {}
    rejected: list[Rejection] = []
    for name in kind.fields:
        values, faults = _check_column(kind, name, columns.get(name) or [None] * length)
        clean[name] = values
        rejected += faults
    frame = _frame(kind, clean)
    for given in (received_at, frame["occurred_at"], loaded_at):
        if given is not None:
            frame["known_at"] = frame["known_at"].fillna(given)
    rejected += _undated(frame, rejected)
    rejected += [fault for rule in kind.rules for fault in _broken(rule, frame, columns)]
    identifiers = clean[kind.identity[0]]
    rejected = [replace(rejection, id=identifiers[rejection.index]) for rejection in rejected]
    return reject_groups(kind, Checked(frame, rejected))


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


def _siblings(kind: Kind, frame: pd.DataFrame, rejected: list[Rejection]) -> list[Rejection]:
    bad_groups = {rejection.id for rejection in rejected if rejection.id is not None}
    groups = frame.loc[frame[kind.group].isin(bad_groups), kind.group]
    detail = "another item of the same declaration was rejected"
    return [
        Rejection(index, group, kind.group, "incomplete", detail, group)
        for index, group in zip(groups.index.tolist(), groups, strict=True)
    ]


def _check_column(kind: Kind, name: str, raw: list[Any]) -> tuple[list[Any], list[Rejection]]:
    info = kind.fields[name]
    values, faults = _prepare(kind.types[name], raw)
    if not info.is_required() and info.default is not None:
        values = [info.default if value is None else value for value in values]
    try:
        clean = _adapter(kind.name, name).validate_python(values)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            index = int(fault["loc"][0])
            faults.setdefault(index, (fault["type"], fault["msg"]))
        kept = [None if index in faults else value for index, value in enumerate(values)]
        clean = _adapter(kind.name, name).validate_python(kept)
    if info.is_required():
        for index, value in enumerate(clean):
            if value is None and index not in faults:
                faults[index] = ("missing", "expected a value: the field is required")
    is_sealed = name in kind.sealed
    rejections = [
        Rejection(i, None, name, code, detail, raw[i], is_sealed)
        for i, (code, detail) in faults.items()
    ]
    return clean, rejections


def _prepare(wanted: type, raw: list[Any]) -> tuple[list[Any], dict[int, tuple[str, str]]]:
    """Make missing what is empty, and set aside numbers that are not finite."""
    values = list(raw)
    faults: dict[int, tuple[str, str]] = {}
    for index, value in enumerate(values):
        if isinstance(value, str):
            if not value or value.isspace():
                values[index] = None
        elif isinstance(value, float):
            if not math.isfinite(value):
                faults[index] = ("finite_number", "expected a finite number")
                values[index] = None
            elif wanted is str and value.is_integer():
                values[index] = int(value)
    return values, faults


@cache
def _adapter(kind: str, name: str) -> TypeAdapter[list[Any]]:
    definition = kind_of(kind)
    info = definition.fields[name]
    annotated = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    return TypeAdapter(list[annotated | None], config=definition.model.model_config)  # type: ignore[valid-type]


def _frame(kind: Kind, columns: dict[str, list[Any]]) -> pd.DataFrame:
    for name, plain in kind.types.items():
        if plain is bool:
            columns[name] = [bool(value) for value in columns[name]]
    arrays = {
        name: pa.array(values, type=_ARROW_TYPES[kind.types[name]])
        for name, values in columns.items()
    }
    frame = pa.table(arrays).to_pandas()
    for name, plain in kind.types.items():
        if plain is int and name not in kind.identity:
            frame[name] = frame[name].astype("Int64")
    return frame


def _undated(frame: pd.DataFrame, rejected: list[Rejection]) -> list[Rejection]:
    """Name the rows without a time, but those whose time was rejected."""
    told = {entry.index for entry in rejected if entry.field in {"known_at", "occurred_at"}}
    undated = frame.index[frame["known_at"].isna()].difference(list(told))
    detail = "expected known_at or occurred_at"
    return [Rejection(int(index), None, "known_at", "missing", detail) for index in undated]


def _broken(rule: Rule, frame: pd.DataFrame, columns: Mapping[str, list[Any]]) -> list[Rejection]:
    return [
        Rejection(int(i), None, rule.field, rule.code, rule.detail, columns[rule.field][i])
        for i in frame.index[rule.broken(frame)]
    ]
