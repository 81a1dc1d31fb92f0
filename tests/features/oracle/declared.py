"""Events beside the declaration they name, as it stood when both were known."""

from __future__ import annotations

import pandas as pd

from tests.features.oracle.family import Fact, World, in_force_at, versions

PARTIES = ("importer_id", "exporter_id", "carrier_id", "declarant_id")


def of_declarations(events: list[Fact], world: World) -> list[Fact]:
    """Give events their declaration's parties, value and currency; without one they are nobody's.

    What holds is what the declaration said when both were first known, amended later or not.
    """
    filed, items = world["declarations"], versions(world["declarations"])
    found = []
    for event in events:
        own = filed[filed["declaration_id"] == event["declaration_id"]]
        if event["declaration_id"] is None or own.empty:
            continue
        at = max(event["known_at"], own["known_at"].min())
        mine = [item for item in items if item["declaration_id"] == event["declaration_id"]]
        if (said := in_force_at(mine, at)) and at < event["until"]:
            found.append(event | _of(said, at))
    return found


def _of(items: list[Fact], at: pd.Timestamp) -> Fact:
    """Say what goods items say together; where they differ, the last in alphabetical order."""
    parties = {
        name: max((item[name] for item in items if item[name] is not None), default=None)
        for name in PARTIES
    }
    return parties | {
        "known_at": at,
        "declared_value": sum(item["customs_value"] for item in items),
        "declared_currency": max(item["currency"] for item in items),
    }
