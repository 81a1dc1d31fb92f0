"""What is known of those a party deals with, in worlds small enough to count by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from features.batch import compute
from features.catalog import FeatureSet, feature_set
from features.facts import SOURCES
from features.neighbours import Neighbours
from tests.features.conftest import declaration
from tests.features.worlds import frame

OFFENCES = "importer__exporters_offences__365d"
INSPECTIONS = "importer__exporters_inspections__365d"
WITH = "importer__exporters_with_offence__365d"
RATE = "importer__exporters_offence_rate__365d"
DISTANCE = "importer_distance_to_offender"

# By name: who declares goods of whom, and when. A and C bought from X and Y, as B and E did.
DECLARED = {
    "A buys from X": ("A", "X", "2026-01-01T00:00"),
    "B buys from X": ("B", "X", "2026-01-02T00:00"),
    "E buys from Y": ("E", "Y", "2026-01-02T00:00"),
    "C buys from Y after the offence": ("C", "Y", "2026-01-05T00:00"),
    "A asks as it becomes known": ("A", None, "2026-01-05T00:00"),
    "A asks a minute later": ("A", None, "2026-01-05T00:01"),
    "C asks": ("C", None, "2026-01-06T00:00"),
    "B asks": ("B", None, "2026-01-06T00:00"),
    "A asks on the last day of the window": ("A", None, "2027-01-01T23:00"),
    "A asks a day after": ("A", None, "2027-01-02T00:00"),
}
# Of B's goods two controls find something at once, of E's one does before C ever bought from Y.
FOUND = {
    "I1": ("B buys from X", "offence", "2026-01-05T00:00"),
    "I2": ("B buys from X", "clear", "2026-01-05T00:00"),
    "I3": ("E buys from Y", "offence", "2026-01-04T00:00"),
}


@pytest.fixture(scope="module")
def asked() -> pd.DataFrame:
    rows = [
        declaration(number, at, importer_id=importer, exporter_id=exporter)
        for number, (importer, exporter, at) in enumerate(DECLARED.values())
    ]
    numbers = {name: row["declaration_id"] for name, row in zip(DECLARED, rows, strict=True)}
    controls = [
        {
            "inspection_id": inspection,
            "subject": "shipments",
            "subject_id": numbers[of],
            "known_at": at,
            "result": result,
        }
        for inspection, (of, result, at) in FOUND.items()
    ]
    world = {kind: frame(kind, []) for kind in SOURCES}
    world |= {"declarations": frame("declarations", rows)}
    world |= {"inspections": frame("inspections", controls)}
    table = compute(of_importers(), world, world["declarations"])
    return table.set_axis(DECLARED)


def of_importers() -> FeatureSet:
    """Cut the catalogue down to what controls found of importers, and of whom they deal with."""
    whole = feature_set("shipments")
    return replace(
        whole,
        profiles=tuple(p for p in whole.profiles if p.name == "importer_controls"),
        relations=tuple(
            entry
            for entry in whole.relations
            if isinstance(entry, Neighbours) and entry.entity == "importer"
        ),
        derived=tuple(entry for entry in whole.derived if entry.name == DISTANCE),
    )


def test_both_the_dealing_and_the_offence_are_known_before_they_count(asked):
    assert asked[OFFENCES]["A asks as it becomes known"] == 0
    assert asked[OFFENCES]["A asks a minute later"] == 1
    assert asked[OFFENCES]["C buys from Y after the offence"] == 0


def test_an_offence_known_before_the_dealing_counts_as_one_known_after(asked):
    assert asked[[OFFENCES, WITH, DISTANCE]].loc["C asks"].tolist() == [1, 1, 1]


def test_the_rate_of_others_is_drawn_to_the_usual_share_as_every_rate_is(asked):
    seen = asked.loc["A asks a minute later"]
    assert seen[[INSPECTIONS, OFFENCES, WITH]].tolist() == [2, 1, 1]
    assert seen[RATE] == pytest.approx((1 + 10 * 0.05) / (2 + 10))


def test_a_dealing_counts_as_long_as_its_window_lasts(asked):
    last, after = "A asks on the last day of the window", "A asks a day after"
    assert asked[OFFENCES][[last, after]].tolist() == [1, 0]


def test_a_known_offender_is_itself_or_one_step_away_or_not_known_of(asked):
    assert asked[DISTANCE]["B asks"] == 0
    assert asked[DISTANCE]["A asks a minute later"] == 1
    assert math.isnan(asked[DISTANCE]["A asks as it becomes known"])
