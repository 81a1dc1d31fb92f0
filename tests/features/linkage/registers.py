"""Small registers of the simulation's people and firms, some of them registered twice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from features.records import check_rows
from training.simulation.population.names import address, firm, number, person, rewritten

START = pd.Timestamp("2026-01-01", tz="UTC")


def register(seed: int, parties: int = 300, twice: int = 60) -> tuple[pd.DataFrame, set]:
    """Give a register, a party known each hour, and the pairs that are one party's.

    The first parties come again, by another hand, after all others; half with their old number.
    """
    rng = np.random.default_rng(seed)
    rows = [
        {
            "party_id": f"P{i}",
            "name": (person if i % 3 else firm)(rng),
            "address": address(rng),
            "registration_number": number(rng),
            "country": ["NL", "DE", "TR"][i % 3],
        }
        for i in range(parties)
    ]
    rows += [
        row
        | {
            "party_id": f"{row['party_id']}-AGAIN",
            "name": rewritten(rng, row["name"]),
            "address": rewritten(rng, row["address"]),
            "registration_number": row["registration_number"] if i % 2 else number(rng),
        }
        for i, row in enumerate(rows[:twice])
    ]
    for hour, row in enumerate(rows):
        row["known_at"] = START + pd.Timedelta(hours=hour)
    truth = {(f"P{i}", f"P{i}-AGAIN") for i in range(twice)}
    return accepted(rows), truth


def accepted(rows: list[dict]) -> pd.DataFrame:
    checked = check_rows("parties", rows)
    assert not checked.rejected
    return checked.accepted


def joined(links: pd.DataFrame) -> set:
    """The pairs of a frame of links, each in order; both ways must be there."""
    pairs = set(zip(links["party_id"], links["linked_party_id"], strict=True))
    assert pairs == {(other, one) for one, other in pairs}
    return {tuple(sorted(pair)) for pair in pairs}


def reachable(steps: list, most: float) -> set:
    """The slow oracle of chains: who reaches whom by steps of at most a cost."""
    near = {frozenset(pair) for cost, *pair in steps if cost <= most and pair[0] != pair[1]}
    names = sorted({name for _, *pair in steps for name in pair})
    while True:
        further = {
            frozenset((one, other))
            for one, other in combinations(names, 2)
            for via in names
            if {frozenset((one, via)), frozenset((via, other))} <= near
        }
        if further <= near:
            return near
        near |= further
