"""Small random worlds: records of every kind, dense in ties, repeats and missing keys."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

from features.records import KINDS, check_rows

World = dict[str, pd.DataFrame]
Drawn = st.SearchStrategy[dict]
START = pd.Timestamp("2026-01-01", tz="UTC")


def some(*values: object) -> st.SearchStrategy:
    return st.sampled_from(values)


def hours(*after: float) -> st.SearchStrategy[pd.Timestamp]:
    return some(*(START + pd.Timedelta(hours=one) for one in after))


# Few instants, so that equal ones and day boundaries are common; one far away, to leave windows.
instants = hours(0, 1, 6, 23.999, 24, 25, 30, 24 * 29, 24 * 30, 24 * 31, 24 * 364, 24 * 366)
# Offices of customs are offices of transit too; their country is one goods are sent from.
offices = some("CN01", "NL01")
vehicles = some("V", "W", None)
# A declaration or a crossing of the first few, of nobody, or that nobody filed.
named = some("D0", "D1", "D2", "D99", None)

shipments = st.fixed_dictionaries(
    {
        "known_at": instants,
        "occurred_at": some(START),
        "importer_id": some("A", "B"),
        "exporter_id": some("X", "Y", None),
        "carrier_id": some("C", None),
        "declarant_id": some("D"),
        "office_id": offices,
        "transport_id": vehicles,
        "container_id": some("K", None),
        "currency": some("EUR", "USD"),
    }
)
goods = st.fixed_dictionaries(
    {
        "hs_code": some("87032310", "870323", "010121"),
        "origin_country": some("CN", "DE"),
        "departure_country": some("CN", "NL", None),
        "net_mass_kg": some(0.0, 0.5, 3.0, 1000.0),
        "customs_value": some(0.0, 1.5, 70.0, 123456.0),
    }
)
others = {
    "crossings": st.fixed_dictionaries(
        {
            "known_at": instants,
            "occurred_at": hours(0, 3.999, 4, 21.999, 22, 30),
            "post_id": some("O1", "O2"),
            "direction": some("in", "out"),
            "vehicle_id": vehicles,
            "vehicle_class": some("car", "van", None),
            "driver_id": some("P", "Q", None),
            "carrier_id": some("C", "E", None),
            "occupants": some(0, 1, 5, None),
            "gross_mass_kg": some(0.0, 900.0, 2000.0, None),
            "declaration_id": named,
        }
    ),
    "movements": st.fixed_dictionaries(
        {
            "known_at": instants,
            "movement_id": some("M0", "M1", "M2"),
            "event": some("departure", "departure", "transit", "incident", "arrival", "arrival"),
            "office_id": offices,
            "occurred_at": hours(0, 1, 25, 24 * 29),
            "declaration_id": named,
            "transport_id": vehicles,
            "container_id": some("K", None),
            "seal_state": some("intact", "broken", "changed", "none", None),
            "gross_mass_kg": some(0.0, 900.0, 1000.0, None),
            "due_at": hours(24 * 29, 24 * 40) | st.none(),
        }
    ),
    "payments": st.fixed_dictionaries(
        {
            "known_at": instants,
            "occurred_at": some(START),
            "debtor_id": some("A", "B", "C", "P"),
            "creditor_id": some("A", "P", "X", "Y"),
            "amount": some(0.0, 70.0, 9000.0, 9999.99, 10000.0),
            "currency": some("EUR", "USD"),
            "method": some("cash", "transfer", None),
            "declaration_id": named,
        }
    ),
    "inspections": st.fixed_dictionaries(
        {
            "known_at": instants,
            "subject": some("shipments", "crossings"),
            "subject_id": named.filter(bool),
            "item_number": some(None, 1, 2),
            "result": some("clear", "offence", "inconclusive"),
        }
    ),
}


@st.composite
def declarations(draw, count: int) -> list[dict]:
    """Draw declarations of one to three items each."""
    rows = []
    for number in range(count):
        shipment = draw(shipments) | {"declaration_id": f"D{number}"}
        rows += [
            shipment | draw(goods) | {"item_number": item}
            for item in range(1, draw(st.integers(1, 3)) + 1)
        ]
    return rows


@st.composite
def histories(draw, most: int = 8) -> World:
    """Draw records of every kind, each filed once."""
    rows = {"declarations": draw(declarations(draw(st.integers(1, most))))}
    for kind, one in others.items():
        rows[kind] = draw(st.lists(one, min_size=1, max_size=most + 4))
        # Crossings are numbered as declarations are, to tell who mixes them up.
        letter = "D" if kind == "crossings" else "N"
        rows[kind] = [{KINDS[kind].identity[0]: f"{letter}{i}"} | r for i, r in enumerate(rows[kind])]
    once = {kind: frame(kind, drawn) for kind, drawn in rows.items()}
    return {
        kind: filed.drop_duplicates(list(KINDS[kind].identity), ignore_index=True)
        for kind, filed in once.items()
    }


changes = {
    "declarations": {
        "importer_id": some("A", "B"),
        "exporter_id": some("X", "Y", None),
        "origin_country": some("CN", "DE"),
        "customs_value": some(1.5, 500.0),
        "currency": some("EUR", "USD"),
    },
    "crossings": {"driver_id": some("P", "Q"), "direction": some("in", "out")},
    "movements": {
        "declaration_id": named,
        "seal_state": some("intact", "broken"),
        "gross_mass_kg": some(800.0, 1000.0),
    },
    "payments": {"debtor_id": some("A", "P"), "amount": some(9500.0, 20.0), "declaration_id": named},
    "inspections": {"subject_id": some("D0", "D1"), "result": some("clear", "offence")},
}


@st.composite
def filings(draw, most: int = 6) -> World:
    """Draw a world in versions: some of its records are filed again otherwise, or withdrawn."""
    return {
        kind: in_versions(_filed_again(draw, kind, filed), list(KINDS[kind].identity))
        for kind, filed in draw(histories(most)).items()
    }


def _filed_again(draw, kind: str, filed: pd.DataFrame) -> pd.DataFrame:
    """File some again; each says something of its own, as the same said again changes nothing."""
    rows = filed.astype(object).where(filed.notna(), None).to_dict("records")
    otherwise = st.fixed_dictionaries(
        {"known_at": instants, "cancelled": some(False, False, True), **changes[kind]}
    )
    word = "due_at" if "occurred_at" in KINDS[kind].identity else "occurred_at"
    again = []
    for row in rows:
        for _ in range(draw(some(0, 0, 1, 2))):
            own = START + pd.Timedelta(days=40, microseconds=len(again))
            again.append(row | draw(otherwise) | {word: own})
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


def in_force(versions: pd.DataFrame) -> pd.DataFrame:
    """Give the records as they stand."""
    held = versions[versions["superseded_at"].isna() & ~versions["cancelled"]]
    return held.drop(columns="superseded_at").reset_index(drop=True)


def arrivals(world: World, random, at_once: int = 3) -> list[tuple[str, pd.DataFrame]]:
    """Let records arrive in any order, a few of a kind at once."""
    batches = []
    for kind, rows in world.items():
        order = random.sample(range(len(rows)), len(rows))
        while order:
            size = random.randint(1, at_once)
            batches.append((kind, rows.iloc[order[:size]]))
            order = order[size:]
    random.shuffle(batches)
    return batches


def frame(kind: str, rows: list[dict]) -> pd.DataFrame:
    checked = check_rows(kind, rows)
    assert not checked.rejected, checked.rejected[0]
    return checked.accepted
