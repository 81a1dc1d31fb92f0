"""What the profiles say of records over history, on whichever engine Ibis is connected to.

The expressions are the profiles' own; an engine only decides what of them is kept on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from features.catalog import FeatureSet
from features.facts import FACTS
from features.profiles import Profile

__all__ = ["Engine", "Progress", "Remembered", "remembered"]

Expression = Any  # ibis publishes no types
Progress = Callable[[float], None]
Remembered = tuple[Profile, Expression]


class Engine(Protocol):
    """Where expressions are run."""

    def keep(self, name: str, relation: Expression) -> Expression:
        """Give the relation under a name, worked out so that it can be read more than once."""
        ...

    def stage(self, name: str, relation: Expression) -> Expression:
        """Give a relation that is read once, worked out or not, as suits the engine."""
        ...

    def forget(self, *names: str) -> None:
        """Drop what was kept or staged."""
        ...


def remembered(
    engine: Engine,
    features: FeatureSet,
    records: Mapping[str, Expression],
    asked: Expression,
    progress: Progress,
) -> list[Remembered]:
    """Compute every profile's features of the records asked about.

    Parameters
    ----------
    records : relations of records by kind, instants in microseconds since 1970 UTC.
    asked : goods items as :func:`features.facts.items` derives them, kept by the engine.
    progress : called with the share done, from 0 to 1.

    Returns
    -------
    list of (Profile, relation)
        Each relation has the profile's keys, ``known_at`` and its features.
    """
    facts = {name: engine.keep(f"facts_{name}", entry.of(records)) for name, entry in FACTS.items()}
    results: list[Remembered] = []
    for done, profile in enumerate(features.profiles, start=1):
        results.append((profile, _of_profile(engine, profile, facts[profile.facts], asked)))
        progress(done / (len(features.profiles) + 1))
    return results


def _of_profile(
    engine: Engine, profile: Profile, facts: Expression, asked: Expression
) -> Expression:
    named = asked.filter(*(asked[key].notnull() for key in profile.keys))
    instants = engine.keep(f"instants_{profile.name}", profile.instants(facts))
    tiles = engine.stage(f"tiles_{profile.name}", profile.tiles(instants))
    whole = engine.stage(f"whole_{profile.name}", profile.whole(tiles, named))
    so_far = profile.so_far(instants, named)
    result = engine.keep(f"features_{profile.name}", profile.features(whole, so_far))
    engine.forget(*(f"{stage}_{profile.name}" for stage in ("instants", "tiles", "whole")))
    return result
