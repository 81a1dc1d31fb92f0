"""Small random worlds: records of every kind, dense in ties, repeats and missing keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from features.records import KINDS, check_rows

World = dict[str, pd.DataFrame]
Row = dict[str, Any]
Choices = Mapping[str, Sequence[Any]]
START = pd.Timestamp("2026-01-01", tz="UTC")


def at(*hours: float) -> list[pd.Timestamp]:
    return [START + pd.Timedelta(hours=one) for one in hours]


# Few, so that equal ones and the edges of days and windows are common; some leave windows.
_DAYS = (7, 8, 29, 30, 31, 89, 90, 91, 364, 366)
INSTANTS = at(0, 1, 23.999, 24, 25, 30, *(24 * day for day in _DAYS))
# Offices of customs are offices of transit too; their country is one goods are sent from.
_OFFICES = ["CN01", "NL01"]
_VEHICLES = ["V", "W", None]
# Declarations of the first few, of nobody, and one that nobody filed.
_NAMED = ["D0", "D1", "D2", "D3", "D99", None]

_SHIPMENT: Choices = {
    "known_at": INSTANTS,
    "occurred_at": [START],
    "importer_id": ["A", "B"],
    "exporter_id": ["X", "Y", None],
    "carrier_id": ["C", None],
    "declarant_id": ["D"],
    "office_id": _OFFICES,
    "transport_id": _VEHICLES,
    "container_id": ["K", None],
    "currency": ["EUR", "USD"],
}
_GOODS: Choices = {
    "hs_code": ["87032310", "870323", "010121"],
    "origin_country": ["CN", "DE"],
    "departure_country": ["CN", "NL", None],
    "net_mass_kg": [0.0, 0.5, 3.0, 1000.0],
    "gross_mass_kg": [0.5, 4.0, 1200.0, None],
    "customs_value": [0.0, 1.5, 70.0, 123456.0],
}
_CROSSING: Choices = {
    "known_at": INSTANTS,
    "occurred_at": at(0, 3.999, 4, 21.999, 22, 30),
    "post_id": ["O1", "O2"],
    "direction": ["in", "out"],
    "vehicle_id": _VEHICLES,
    "vehicle_class": ["car", "van", None],
    "driver_id": ["P", "Q", None],
    "carrier_id": ["C", "E", None],
    "occupants": [0, 1, 5, None],
    "gross_mass_kg": [0.0, 900.0, 2000.0, None],
    "declaration_id": _NAMED,
}
_EVENT: Choices = {
    "known_at": INSTANTS,
    "event": ["departure", "departure", "arrival", "arrival", "arrival", "transit", "incident"],
    "office_id": _OFFICES,
    "transport_id": _VEHICLES,
    "container_id": ["K", None],
    "seal_state": ["intact", "broken", "changed", "none", None],
    "gross_mass_kg": [0.0, 800.0, 900.0, 1000.0, None],
    "due_at": [*at(0.5, 2, 24 * 40), None],
}
_PAYMENT: Choices = {
    "known_at": INSTANTS,
    "occurred_at": [START],
    "debtor_id": ["A", "B", "C", "P", "X"],
    "creditor_id": ["A", "C", "P", "X", "Y"],
    "amount": [0.0, 70.0, 9000.0, 9999.99, 10000.0],
    "currency": ["EUR", "USD"],
    "method": ["cash", "transfer", None],
    "declaration_id": _NAMED,
}
_INSPECTION: Choices = {
    "known_at": INSTANTS,
    "subject": ["shipments", "crossings"],
    "item_number": [None, None, 1, 2],
    "result": ["clear", "offence", "offence", "inconclusive"],
}
_LINK: Choices = {
    "known_at": INSTANTS,
    "party_id": ["A", "B", "C", "P", "X"],
    "linked_party_id": ["A2", "B2", "X2"],
    "probability": [0.9, 0.99],
}
_OTHERWISE: dict[str, Choices] = {
    "declarations": {
        "importer_id": ["A", "B"],
        "exporter_id": ["X", "Y", None],
        "origin_country": ["CN", "DE"],
        "customs_value": [1.5, 500.0],
        "currency": ["EUR", "USD"],
    },
    "crossings": {"driver_id": ["P", "Q"], "direction": ["in", "out"]},
    "movements": {
        "declaration_id": _NAMED,
        "seal_state": ["intact", "broken"],
        "gross_mass_kg": [800.0, 1000.0],
    },
    "payments": {"debtor_id": ["A", "P"], "amount": [9500.0, 20.0], "declaration_id": _NAMED},
    "inspections": {"subject_id": ["D0", "D1"], "result": ["clear", "offence"]},
    "links": {"probability": [0.5, 0.6]},
}


def _one(random: Random, choices: Choices) -> Row:
    return {name: random.choice(values) for name, values in choices.items()}


def _shipment(random: Random, number: int) -> list[Row]:
    shipment = {"declaration_id": f"D{number}"} | _one(random, _SHIPMENT)
    items = range(1, random.randint(1, 3) + 1)
    return [shipment | {"item_number": item} | _one(random, _GOODS) for item in items]


def _event(random: Random) -> Row:
    """Draw an event of one of few movements, most of which carry one declaration's goods."""
    number = random.randrange(3)
    event = {"movement_id": f"M{number}"} | _one(random, _EVENT)
    declared = random.choice([f"D{number}"] * 3 + [random.choice(_NAMED)])
    event |= {"declaration_id": declared, "occurred_at": random.choice(at(0, 1, 25, 24 * 29))}
    if event["event"] == "departure":  # known soon, mostly, so that arrivals find it
        known_at = random.choice([*INSTANTS[:3], event["known_at"]])
        event |= {"known_at": known_at, "occurred_at": random.choice(at(0, 1))}
    return event


def history(seed: int, most: int) -> World:
    """Draw records of every kind, each filed once.

    Crossings are numbered as declarations are, so that who mixes them up is found out.
    """
    random = Random(seed)  # noqa: S311 - the same records every time
    several = range(random.randint(most, 2 * most))
    filed = {
        "declarations": [row for number in range(most) for row in _shipment(random, number)],
        "movements": [_event(random) for _ in (*several, *several)],
        "crossings": [{"crossing_id": f"D{i}"} | _one(random, _CROSSING) for i in several],
        "payments": [{"payment_id": f"P{i}"} | _one(random, _PAYMENT) for i in several],
        "inspections": [
            {"inspection_id": f"I{i}", "subject_id": f"D{random.randrange(most)}"}
            | _one(random, _INSPECTION)
            for i in several
        ],
        "links": [_one(random, _LINK) for _ in several],
    }
    once = {kind: frame(kind, rows) for kind, rows in filed.items()}
    return {
        kind: rows.drop_duplicates(list(KINDS[kind].identity), ignore_index=True)
        for kind, rows in once.items()
    }


def filing(seed: int, most: int) -> World:
    """Draw the same in versions: some records are filed again otherwise, or withdrawn."""
    random = Random(seed)  # noqa: S311 - the same records every time
    return {
        kind: in_versions(_filed_again(random, kind, filed), list(KINDS[kind].identity))
        for kind, filed in history(seed, most).items()
    }


def examples(count: int) -> settings:
    """Look at so many worlds, the same ones every time."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        # An example takes seconds: a failing one is shown as it is.
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def histories(most: int = 10) -> st.SearchStrategy[World]:
    return st.builds(history, st.integers(0, 10**6), st.just(most))


def filings(most: int = 8) -> st.SearchStrategy[World]:
    return st.builds(filing, st.integers(0, 10**6), st.just(most))


def _filed_again(random: Random, kind: str, filed: pd.DataFrame) -> pd.DataFrame:
    """File some again; each says something of its own, as the same said again changes nothing."""
    rows = filed.astype(object).where(filed.notna(), None).to_dict("records")
    choices = {"known_at": INSTANTS, "cancelled": [False, False, True], **_OTHERWISE[kind]}
    word = "due_at" if "occurred_at" in KINDS[kind].identity else "occurred_at"
    again = []
    for row in rows:
        for _ in range(random.choice([0, 0, 1, 2])):
            own = START + pd.Timedelta(days=1, microseconds=len(again))
            again.append(row | _one(random, choices) | {word: own})
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


def arrivals(world: World, random: Random, at_once: int = 5) -> list[tuple[str, pd.DataFrame]]:
    """Let records arrive in any order, some of a kind at once."""
    batches = []
    for kind, rows in world.items():
        order = random.sample(range(len(rows)), len(rows))
        while order:
            size = random.randint(1, at_once)
            batches.append((kind, rows.iloc[order[:size]]))
            order = order[size:]
    random.shuffle(batches)
    return batches


def frame(kind: str, rows: list[Row]) -> pd.DataFrame:
    checked = check_rows(kind, rows)
    assert not checked.rejected, checked.rejected[0]
    return checked.accepted
