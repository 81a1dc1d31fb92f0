"""Small random histories, dense in ties, repeats and missing keys."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

from features.records import check_rows

START = pd.Timestamp("2026-01-01", tz="UTC")
# Few instants, so that equal ones and day boundaries are common; one far away, to leave windows.
instants = st.sampled_from(
    [0, 1, 6, 23.999, 24, 25, 30, 24 * 29, 24 * 30, 24 * 31, 24 * 364, 24 * 366]
).map(lambda hours: START + pd.Timedelta(hours=hours))


@st.composite
def declaration_rows(draw, declaration_id: str) -> list[dict]:
    known_at = draw(instants)
    shipment = {
        "declaration_id": declaration_id,
        "occurred_at": known_at,
        "known_at": known_at,
        "importer_id": draw(st.sampled_from(["A", "B"])),
        "exporter_id": draw(st.sampled_from(["X", "Y", None])),
        "carrier_id": draw(st.sampled_from(["C", None])),
        "declarant_id": "D",
        "office_id": draw(st.sampled_from(["O1", "O2"])),
        "currency": "EUR",
    }
    return [
        shipment
        | {
            "item_number": number,
            "hs_code": draw(st.sampled_from(["87032310", "870323", "010121"])),
            "origin_country": draw(st.sampled_from(["CN", "DE"])),
            "departure_country": draw(st.sampled_from(["CN", "NL", None])),
            "net_mass_kg": draw(st.sampled_from([0.0, 0.5, 3.0, 1000.0])),
            "customs_value": draw(st.sampled_from([0.0, 1.5, 70.0, 123456.0])),
        }
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]


@st.composite
def histories(draw, most: int = 8) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw declarations and inspections, some of declarations nobody filed."""
    count = draw(st.integers(1, most))
    rows = [row for i in range(count) for row in draw(declaration_rows(f"D{i}"))]
    inspected = [
        {
            "inspection_id": f"I{i}",
            "subject": "shipments",
            "subject_id": f"D{draw(st.integers(0, count))}",
            "item_number": draw(st.sampled_from([None, 1, 2])),
            "known_at": draw(instants),
            "result": draw(st.sampled_from(["clear", "offence", "inconclusive"])),
        }
        for i in range(draw(st.integers(0, 6)))
    ]
    return frame("declarations", rows), frame("inspections", inspected)


Drawn = st.SearchStrategy[dict]
changes = st.fixed_dictionaries(
    {
        "importer_id": st.sampled_from(["A", "B"]),
        "origin_country": st.sampled_from(["CN", "DE"]),
        "customs_value": st.sampled_from([1.5, 500.0]),
        "cancelled": st.sampled_from([False, False, True]),
    }
)
results = st.fixed_dictionaries(
    {
        "result": st.sampled_from(["clear", "offence"]),
        "cancelled": st.sampled_from([False, False, True]),
    }
)


@st.composite
def filings(draw, most: int = 6) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a history some of which is filed again otherwise, in versions."""
    declarations, inspections = draw(histories(most))
    goods = _filed_again(draw, "declarations", declarations, changes)
    found = _filed_again(draw, "inspections", inspections, results)
    return (
        in_versions(goods, ["declaration_id", "item_number"]),
        in_versions(found, ["inspection_id"]),
    )


def _filed_again(draw, kind: str, filed: pd.DataFrame, otherwise: Drawn) -> pd.DataFrame:
    """File some again; each says something of its own, as the same said again changes nothing."""
    rows = filed.astype(object).where(filed.notna(), None).to_dict("records")
    word = {"declarations": "goods_description", "inspections": "selection_reason"}[kind]
    again = [
        row | {"known_at": draw(instants), word: f"{place}.{time}"} | draw(otherwise)
        for place, row in enumerate(rows)
        for time in range(draw(st.integers(0, 2)))
    ]
    return frame(kind, [*rows, *again])


def in_versions(filed: pd.DataFrame, identity: list[str]) -> pd.DataFrame:
    """Say of each filing when the next of its record replaced it; of equal instants the first."""
    ordered = filed.sort_values("known_at", kind="stable").drop_duplicates([*identity, "known_at"])
    contents = ordered.drop(columns="known_at").itertuples(index=False)
    said = pd.Series([repr(content) for content in contents], ordered.index, dtype=object)
    repeats = said == said.groupby([ordered[name] for name in identity]).shift()
    kept = ordered[~repeats.astype(bool)]
    ends = kept.groupby(identity)["known_at"].shift(-1)
    ends = pd.to_datetime(ends, utc=True).astype("datetime64[us, UTC]")
    return kept.assign(superseded_at=ends).reset_index(drop=True)


def frame(kind: str, rows: list[dict]) -> pd.DataFrame:
    checked = check_rows(kind, rows)
    assert not checked.rejected
    return checked.accepted
