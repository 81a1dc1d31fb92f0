"""The kinds of record there are: each one's model, identity and columns, derived from the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from features.errors import TidewaiterError
from features.records.declarations import Declaration
from features.records.fields import Record
from features.records.inspections import Inspection

__all__ = ["KINDS", "Kind", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    Parameters
    ----------
    name : str
        As in files and URLs, such as ``declarations``.
    model : type of Record
        The one definition of its fields.
    identity : tuple of str
        The columns that tell one record from another.
    group : str
        The column whose rows stand or fall together.
    """

    name: str
    model: type[Record]
    identity: tuple[str, ...]
    group: str
    indexed: tuple[str, ...] = field(default=())

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """The model's fields by name."""
        return self.model.model_fields

    @cached_property
    def types(self) -> dict[str, type]:
        """Python type of each field: str, int, float or datetime."""
        return {name: plain_type(info.annotation) for name, info in self.fields.items()}

    @cached_property
    def persons(self) -> tuple[str, ...]:
        """The fields that identify a party, a driver or a vehicle."""
        return tuple(name for name, info in self.fields.items() if _is_person(info))


def plain_type(annotation: Any) -> type:
    """Reduce an annotation to the Python type its values have.

    Examples
    --------
    >>> plain_type(str | None)
    <class 'str'>
    """
    if isinstance(annotation, type):
        return annotation
    if get_origin(annotation) is Literal:
        return str
    arguments = [argument for argument in get_args(annotation) if argument is not NoneType]
    return plain_type(arguments[0])


def _is_person(info: FieldInfo) -> bool:
    parts = [info.annotation, *info.metadata, *get_args(info.annotation)]
    return "person" in parts or any("person" in getattr(part, "__metadata__", ()) for part in parts)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("declarations", Declaration, ("declaration_id", "item_number"), "declaration_id"),
        Kind(
            "inspections", Inspection, ("inspection_id",), "inspection_id", indexed=("subject_id",)
        ),
    )
}


def kind_of(name: str) -> Kind:
    """Look a kind up by name."""
    try:
        return KINDS[name]
    except KeyError:
        known = ", ".join(sorted(KINDS))
        raise TidewaiterError(f"unknown kind of record {name!r}; expected one of {known}") from None


def is_time(kind: Kind, name: str) -> bool:
    """Whether a field holds a time."""
    return kind.types[name] is datetime
