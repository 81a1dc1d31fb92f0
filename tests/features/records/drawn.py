"""Records of every kind, made from the kinds' own definitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st

from features.records import KINDS, Kind

Row = dict[str, Any]
CODES = {
    "hs_code": ["870323", "01012100"],
    "currency": ["EUR", "KRW"],
    "transport_mode": ["1", "3"],
    "selection_probability": [0.02, 1.0],
    "probability": [0.9, 1.0],
}
IDENTIFIERS = st.text("AB12-/ é", min_size=1, max_size=12).filter(lambda text: "A" in text)
MOMENTS = st.integers(946_684_800, 4_102_444_799).map(  # of this century
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


def literals(kind: Kind, name: str) -> tuple[str, ...]:
    """Give the values a field is limited to, or none."""
    annotation = kind.fields[name].annotation
    for part in (annotation, *get_args(annotation)):
        if get_origin(part) is Literal:
            return get_args(part)
    return ()


def example(kind_name: str, **changes: object) -> Row:
    """Give a record's required fields, as its definition shows them."""
    kind = KINDS[kind_name]
    required = {name: info for name, info in kind.fields.items() if info.is_required()}
    return {
        name: info.examples[0] if info.examples else literals(kind, name)[0]
        for name, info in required.items()
    } | changes


def values(kind: Kind, name: str) -> st.SearchStrategy[Any]:
    """Draw good values of a field."""
    if name in CODES:
        return st.sampled_from(CODES[name])
    if literals(kind, name):
        return st.sampled_from(literals(kind, name))
    if name.endswith(("_country", "nationality")) or name == "country":
        return st.sampled_from(["CN", "DE", "ZZ"])
    return {
        str: IDENTIFIERS,
        int: st.integers(1, 99),
        float: st.floats(0, 9_999),
        bool: st.booleans(),
        datetime: MOMENTS,
    }[kind.types[name]]


@st.composite
def good_rows(draw: st.DrawFn, kind_name: str) -> Row:
    """Draw a good record; optional fields may be absent or None."""
    kind = KINDS[kind_name]
    row = {
        name: draw(values(kind, name) if info.is_required() else st.none() | values(kind, name))
        for name, info in kind.fields.items()
    }
    if row.get("due_at"):
        row["due_at"] = row["occurred_at"] + timedelta(days=draw(st.integers(0, 30)))
    if kind_name == "parties":
        row["known_at"] = row["known_at"] or draw(MOMENTS)
    absent = {name for name, value in row.items() if value is None and draw(st.booleans())}
    return {name: value for name, value in row.items() if name not in absent}
