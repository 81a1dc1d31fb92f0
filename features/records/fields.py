"""The types a record's fields are made of; files and HTTP requests are checked by the same ones.

A type says what is accepted and into what it is brought; empty text counts as missing everywhere.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from features.records import codes

__all__ = [
    "Amount",
    "Country",
    "Currency",
    "HsCode",
    "Identifier",
    "ItemNumber",
    "Kilograms",
    "Name",
    "Occupants",
    "Percent",
    "PersonIdentifier",
    "Probability",
    "Record",
    "SealedText",
    "Text",
    "Timestamp",
    "TransportMode",
    "element",
    "when_known",
    "withdrawal",
]

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
# ISO 8601 has offsets of whole hours without minutes, as PostgreSQL and DuckDB write them.
_HOURS_ONLY = re.compile(r":\d\d(?:\.\d+)?[+-]\d\d$")
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})


def _storable(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul", "expected text without NUL characters")
    return value


def _named(value: str) -> str:
    if value.isalnum():
        return value
    if not any(map(str.isalnum, value)):
        raise PydanticCustomError("identifier", "expected at least one letter or digit")
    return _storable(value)


def _is_time(value: Any) -> Any:
    """Refuse bare numbers, which would be read as seconds since 1970; write offsets out."""
    if isinstance(value, date):  # as every datetime is
        return value
    if isinstance(value, str) and "-" in value:
        text = value.strip()
        return f"{text}:00" if _HOURS_ONLY.search(text) else text
    raise PydanticCustomError(
        "timestamp", "expected an ISO 8601 date or time, such as 2026-03-01T08:30:00Z"
    )


def _to_utc(value: datetime) -> datetime:
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    # As it came: brought to UTC, one near the end of the calendar would leave it.
    if not _EARLIEST <= moment < _LATEST:
        raise PydanticCustomError("timestamp", "expected a time from 1970 to 2199")
    return moment.astimezone(UTC)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond any float
        return False


def _number(value: Any) -> Any:
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, bool):
        raise PydanticCustomError("number", "expected a number, not true or false")
    is_word = isinstance(value, str) and value.strip().lstrip("+-").lower() in _NOT_FINITE
    if is_word or (isinstance(value, int | float) and not _is_finite(value)):
        raise PydanticCustomError("finite_number", "expected a finite number")
    return value


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_storable)
]
# Sealed: read by record linkage only, and never repeated in an answer or a message.
SealedText = Annotated[Text, "sealed"]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_named), "sealed"
]
Identifier = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=128),
    AfterValidator(_named),
]
PersonIdentifier = Annotated[Identifier, "person"]
Timestamp = Annotated[datetime, BeforeValidator(_is_time), AfterValidator(_to_utc)]
Country = Annotated[str, AfterValidator(codes.check_country)]
Currency = Annotated[str, AfterValidator(codes.check_currency)]
HsCode = Annotated[str, AfterValidator(codes.check_hs_code)]
TransportMode = Annotated[str, AfterValidator(codes.check_transport_mode)]
Kilograms = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False), BeforeValidator(_number)]
Amount = Annotated[float, Field(ge=0, le=1e16, allow_inf_nan=False), BeforeValidator(_number)]
Percent = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False), BeforeValidator(_number)]
Probability = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False), BeforeValidator(_number)]
ItemNumber = Annotated[int, Field(ge=1, le=99_999)]
Occupants = Annotated[int, Field(ge=0, le=100_000), BeforeValidator(_number)]

_STANDARDS = {
    "wco": "WCO Data Model 3: path of class and attribute names below Declaration",
    "ncts": "NCTS phase 5 (DDNTA): path of data groups and elements below the message",
    "paxlst": "UN/EDIFACT PAXLST D.05B, WCO/IATA/ICAO API guide: segment, element, qualifier",
    "goaml": "UNODC goAML schema 4: path of elements below report",
}


def element(meaning: str, *, unit: str | None = None, **more: Any) -> Any:
    """Describe a field: what it means, its unit, and its element in the standard it comes from.

    The standards are named as arguments: ``wco``, ``ncts``, ``paxlst`` and ``goaml``.

    Examples
    --------
    >>> element("When it is due.", ncts="TransitOperation/limitDate").json_schema_extra
    {'ncts_element': 'TransitOperation/limitDate'}
    """
    extra: dict[str, Any] = {"unit": unit} if unit else {}
    extra |= {f"{name}_element": more.pop(name) for name in _STANDARDS if name in more}
    return Field(description=meaning, json_schema_extra=extra or None, **more)


def _allow_null(schema: dict[str, Any]) -> None:
    """Say that what may be left out may also be null, which is read as left out."""
    for name, told in schema["properties"].items():
        if name not in schema["required"] and "type" in told:
            told["type"] = [told["type"], "null"]


class Record(BaseModel):
    """What every kind of record shares."""

    model_config = ConfigDict(
        extra="ignore",
        str_strip_whitespace=True,
        json_schema_extra=_allow_null,
    )


def when_known() -> Any:
    """Describe the ``known_at`` of a record that happened at a time of its own."""
    return element(
        "When the agency knew it, UTC. In a file: occurred_at unless given. Over HTTP: the time of"
        " receipt, unless the key may write history.",
        default=None,
    )


def withdrawal() -> Any:
    """Describe the flag of a record that is withdrawn."""
    return element(
        "Filed again with true, the record is withdrawn from this version's known_at on.",
        default=False,
    )
