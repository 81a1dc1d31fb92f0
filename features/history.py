"""What the profiles say of records over history, on whichever engine Ibis is connected to.

The expressions are the profiles' own; an engine only decides what of them is kept on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from features.catalog import FeatureSet
from features.facts import FACTS
from features.profiles import Profile

__all__ = ["Engine", "Progress", "Remembered", "remembered"]

Expression = Any  # ibis publishes no types
Progress = Callable[[float], None]


class Remembered(NamedTuple):
    """A profile's features, for :meth:`features.profiles.Profile.answers`.

    ``loose`` are those of records that see loose facts, or None where there are no such facts.
    """

    profile: Profile
    settled: Expression
    loose: Expression | None


class Engine(Protocol):
    """Where expressions are run."""

    def keep(self, name: str, relation: Expression) -> Expression:
        """Give the relation under a name, worked out so that it can be read more than once."""
        ...

    def stage(self, name: str, relation: Expression) -> Expression:
        """Give a relation that is read once, worked out or not, as suits the engine."""
        ...

    def holds(self, relation: Expression) -> bool:
        """Whether a relation has any row."""
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
    records : relations of records by kind in all their versions, with ``superseded_at``; instants
        in microseconds since 1970 UTC.
    asked : goods items as :func:`features.facts.items` derives them, kept by the engine.
    progress : called with the share done, from 0 to 1.
    """
    facts = {name: engine.keep(f"facts_{name}", entry.of(records)) for name, entry in FACTS.items()}
    loose = {name: engine.holds(made.filter(made.until.notnull())) for name, made in facts.items()}
    results: list[Remembered] = []
    for done, profile in enumerate(features.profiles, start=1):
        made = facts[profile.facts]
        results.append(_of_profile(engine, profile, made, asked, is_loose=loose[profile.facts]))
        progress(done / (len(features.profiles) + 1))
    return results


def _of_profile(
    engine: Engine, profile: Profile, facts: Expression, asked: Expression, *, is_loose: bool
) -> Remembered:
    named = asked.filter(*(asked[key].notnull() for key in profile.keys))
    instants = engine.keep(f"instants_{profile.name}", profile.instants(facts))
    tiles = engine.stage(f"tiles_{profile.name}", profile.tiles(instants))
    whole = engine.stage(f"whole_{profile.name}", profile.whole(tiles, named))
    so_far = engine.stage(f"so_far_{profile.name}", profile.so_far(instants, named))
    settled = engine.keep(f"features_{profile.name}", profile.features(whole, so_far))
    loose = None
    if is_loose:
        seen = profile.features(whole, so_far, profile.loose(facts, named))
        loose = engine.keep(f"loose_{profile.name}", seen)
    passed = ("instants", "tiles", "whole", "so_far")
    engine.forget(*(f"{stage}_{profile.name}" for stage in passed))
    return Remembered(profile, settled, loose)
