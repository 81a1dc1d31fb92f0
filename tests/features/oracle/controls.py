"""What controls found: every inspection beside every fact it looked at."""

from __future__ import annotations

import pandas as pd

from tests.features.oracle.family import Fact, Measure, World, distinct, versions


def controls(world: World, subject: str, group: str, looked_at: list[Fact]) -> list[Fact]:
    """Give a fact for every pair, from when both were known until either was replaced."""
    return [
        fact
        | {
            "known_at": max(inspection["known_at"], fact["known_at"]),
            "until": min(inspection["until"], fact["until"]),
            "inspection_id": inspection["inspection_id"],
            "is_offence": inspection["result"] == "offence",
        }
        for inspection in versions(world["inspections"])
        for fact in looked_at
        if inspection["subject"] == subject
        and inspection["subject_id"] == fact[group]
        and _names_item(inspection, fact)
    ]


def _names_item(inspection: Fact, fact: Fact) -> bool:
    """Say whether an inspection looked at an item; a crossing has none."""
    number = inspection["item_number"]
    return number is None or number == fact.get("item_number", number)


def found(noun: str, usual_share: float) -> dict[str, Measure]:
    """Count controls and those that found an offence; their share is drawn to the usual one.

    The usual share has the weight of ten controls.
    """
    every, hits = distinct("inspection_id"), distinct("inspection_id", "is_offence")

    def share(facts: list[Fact], at: pd.Timestamp) -> float:
        return (hits(facts, at) + 10 * usual_share) / (every(facts, at) + 10)

    return {noun: every, "offences": hits, "offence_rate": share}
