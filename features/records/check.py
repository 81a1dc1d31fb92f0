"""Checking rows against their kind: the good ones typed, the bad ones with every reason.

A row is judged alike whether it came by itself, among others, or as part of columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa
from pydantic import ConfigDict, TypeAdapter, ValidationError

from features.records.checked import Checked, CheckedRows, reject_groups, without_failed
from features.records.fields import Record
from features.records.kinds import Kind, kind_of
from features.records.rejections import Rejection
from features.records.rules import Rule

__all__ = ["check_columns", "check_mappings", "check_rows"]

_ARROW_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
}
_TEXTS = {str, NoneType}


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
    return check_columns(definition, _columns(definition, rows), len(rows), received_at)


def check_mappings(
    kind: str, rows: Sequence[Mapping[str, object]], received_at: datetime | None = None
) -> CheckedRows:
    """Check the same and leave it as it is: for few rows a frame costs more than the check."""
    definition = kind_of(kind)
    good = {
        i: read for i, row in enumerate(rows) if (read := _at_once(definition, row, received_at))
    }
    if len(good) == len(rows):
        return CheckedRows(good, [])
    odd = [i for i in range(len(rows)) if i not in good]
    columns = _columns(definition, [rows[i] for i in odd])
    clean, rejected = _clean(definition, columns, len(odd), (received_at, None))
    plain = (dict(zip(clean, cells, strict=True)) for cells in zip(*clean.values(), strict=True))
    every = good | dict(zip(odd, plain, strict=True))
    placed = [replace(rejection, index=odd[rejection.index]) for rejection in rejected]
    return without_failed(definition, CheckedRows(dict(sorted(every.items())), placed))


def _at_once(
    kind: Kind, row: Mapping[str, object], received_at: datetime | None
) -> dict[str, Any] | None:
    """Check a row by its kind's model, which for few rows is much faster than by columns.

    None where it is not good as it came: its columns tell what can be made of it, or every reason.
    """
    told = {
        name: value
        for name, value in row.items()
        if not (value is None or (isinstance(value, str) and (not value or value.isspace())))
    }
    try:
        read = vars(_read(kind.name)(told))
    except ValidationError:
        return None
    read["known_at"] = read["known_at"] or received_at or read["occurred_at"]
    is_broken = kind.rules and any(rule.broken(read) for rule in kind.rules)
    return None if is_broken or read["known_at"] is None else read


def _columns(kind: Kind, rows: Sequence[Mapping[str, object]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in kind.fields}


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
    clean, rejected = _clean(kind, columns, length, (received_at, loaded_at))
    return reject_groups(kind, Checked(_frame(kind, clean), rejected))


def _clean(
    kind: Kind,
    columns: Mapping[str, list[Any]],
    length: int,
    known_at: tuple[datetime | None, datetime | None],
) -> tuple[dict[str, list[Any]], list[Rejection]]:
    """Bring columns to their types, None where missing or wrong.

    ``known_at`` is taken where a row has none: before, and after, when it occurred.
    """
    clean: dict[str, list[Any]] = {}
    rejected: list[Rejection] = []
    for name in kind.fields:
        values, faults = _check_column(kind, name, columns.get(name) or [None] * length)
        clean[name] = values if kind.types[name] is not bool else [bool(value) for value in values]
        rejected += faults
    clean["known_at"] = [
        told or known_at[0] or occurred or known_at[1]
        for told, occurred in zip(clean["known_at"], clean["occurred_at"], strict=True)
    ]
    rejected += _undated(clean["known_at"], rejected)
    rejected += _broken(kind.rules, clean, columns)
    identifiers = clean[kind.identity[0]]
    return clean, [replace(rejection, id=identifiers[rejection.index]) for rejection in rejected]


def _check_column(kind: Kind, name: str, raw: list[Any]) -> tuple[list[Any], list[Rejection]]:
    info = kind.fields[name]
    values, faults = _prepare(kind.types[name], raw)
    if not info.is_required() and info.default is not None:
        values = [info.default if value is None else value for value in values]
    try:
        clean = _typed(kind.name, name)(values)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            index = int(fault["loc"][0])
            faults.setdefault(index, (fault["type"], fault["msg"]))
        kept = [None if index in faults else value for index, value in enumerate(values)]
        clean = _typed(kind.name, name)(kept)
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
    if {*map(type, raw)} <= _TEXTS and not any(map(str.isspace, filter(None, raw))):
        return [value or None for value in raw], {}
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
def _read(kind: str) -> Callable[[dict[str, Any]], Record]:
    """Give what reads a row of a kind, or raises."""
    return TypeAdapter(kind_of(kind).model).validator.validate_python


@cache
def _typed(kind: str, name: str) -> Callable[[list[Any]], list[Any]]:
    """Give what brings a field's values to their type, or raises."""
    definition = kind_of(kind)
    info = definition.fields[name]
    annotated = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    # Numbers may stand for text here, where those that are whole have lost their point before.
    config = ConfigDict(**definition.model.model_config, coerce_numbers_to_str=True)
    adapter = TypeAdapter(list[annotated | None], config=config)  # type: ignore[valid-type]
    return adapter.validator.validate_python


def _frame(kind: Kind, columns: dict[str, list[Any]]) -> pd.DataFrame:
    arrays = {
        name: pa.array(values, type=_ARROW_TYPES[kind.types[name]])
        for name, values in columns.items()
    }
    frame = pa.table(arrays).to_pandas()
    for name, plain in kind.types.items():
        if plain is int and name not in kind.identity:
            frame[name] = frame[name].astype("Int64")
    return frame


def _undated(known_at: list[datetime | None], rejected: list[Rejection]) -> list[Rejection]:
    """Name the rows without a time, but those whose time was rejected."""
    told = {entry.index for entry in rejected if entry.field in {"known_at", "occurred_at"}}
    undated = [i for i, moment in enumerate(known_at) if moment is None and i not in told]
    detail = "expected known_at or occurred_at"
    return [Rejection(index, None, "known_at", "missing", detail) for index in undated]


def _broken(
    rules: Sequence[Rule], clean: Mapping[str, list[Any]], columns: Mapping[str, list[Any]]
) -> list[Rejection]:
    if not rules:
        return []
    rows = (dict(zip(clean, cells, strict=True)) for cells in zip(*clean.values(), strict=True))
    return [
        Rejection(i, None, rule.field, rule.code, rule.detail, columns[rule.field][i])
        for i, row in enumerate(rows)
        for rule in rules
        if rule.broken(row)
    ]
