"""The kinds of record there are: each one's model, identity and columns, derived from the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from features.errors import TidewaiterError
from features.records.crossings import Crossing
from features.records.declarations import Declaration
from features.records.fields import Record
from features.records.inspections import Inspection
from features.records.links import Link
from features.records.movements import MOVEMENT_RULES, Movement
from features.records.parties import Party
from features.records.payments import Payment
from features.records.rules import Rule

__all__ = ["FILED", "KINDS", "Kind", "kind_of"]


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
        The column, one of the identity, whose rows belong together.
    whole : bool
        Whether the rows of a group stand or fall together.
    indexed : tuple of str
        Columns the store finds records by.
    rules : tuple of Rule
        What must hold between the fields of a record.
    filed : bool
        Whether agencies and partners file it; else Tidewaiter makes it from other records.
    """

    name: str
    model: type[Record]
    identity: tuple[str, ...]
    group: str
    whole: bool = False
    indexed: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    filed: bool = True

    @cached_property
    def fields(self) -> dict[str, FieldInfo]:
        """The model's fields by name."""
        return self.model.model_fields

    @cached_property
    def types(self) -> dict[str, type]:
        """Python type of each field: str, int, float, bool or datetime."""
        return {name: plain_type(info.annotation) for name, info in self.fields.items()}

    @cached_property
    def typed(self) -> dict[type, tuple[str, ...]]:
        """The fields of each of these types."""
        return {
            plain: tuple(name for name, one in self.types.items() if one is plain)
            for plain in (str, int, float, bool, datetime)
        }

    @cached_property
    def persons(self) -> tuple[str, ...]:
        """The fields that identify a party, a driver or a vehicle."""
        return tuple(name for name, info in self.fields.items() if _is_marked(info, "person"))

    @cached_property
    def sealed(self) -> tuple[str, ...]:
        """The fields that only record linkage may read, and that no message repeats."""
        return tuple(name for name, info in self.fields.items() if _is_marked(info, "sealed"))


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


def _is_marked(info: FieldInfo, mark: str) -> bool:
    parts = [info.annotation, *info.metadata, *get_args(info.annotation)]
    return mark in parts or any(mark in getattr(part, "__metadata__", ()) for part in parts)


_OF_DECLARATION = ("declaration_id",)
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "declarations",
            Declaration,
            ("declaration_id", "item_number"),
            "declaration_id",
            whole=True,
        ),
        Kind(
            "movements",
            Movement,
            ("movement_id", "event", "office_id", "occurred_at"),
            "movement_id",
            indexed=_OF_DECLARATION,
            rules=MOVEMENT_RULES,
        ),
        Kind("crossings", Crossing, ("crossing_id",), "crossing_id", indexed=_OF_DECLARATION),
        Kind("payments", Payment, ("payment_id",), "payment_id", indexed=_OF_DECLARATION),
        Kind(
            "inspections", Inspection, ("inspection_id",), "inspection_id", indexed=("subject_id",)
        ),
        Kind("parties", Party, ("party_id",), "party_id"),
        Kind("links", Link, ("party_id", "linked_party_id"), "party_id", filed=False),
    )
}
# The kinds that are taken in from files and over HTTP.
FILED = {name: kind for name, kind in KINDS.items() if kind.filed}


def kind_of(name: str) -> Kind:
    """Look a kind up by name."""
    try:
        return KINDS[name]
    except KeyError:
        known = ", ".join(sorted(KINDS))
        raise TidewaiterError(f"unknown kind of record {name!r}; expected one of {known}") from None
