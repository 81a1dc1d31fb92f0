"""Profiles: the small language a feature over history is declared in, and what it compiles to.

A profile is an entity (one key or several), a relation of facts, and measures with their windows.
From it come expressions that run on any engine Ibis knows:

``instants``  facts to components by key and instant
``tiles``     instants to components by key and day
``loose``     facts that do not stay to components for each record that sees them
``results``   components, merged over windows, to named features

Between tiles and results, windows are merged in two ways: :mod:`features.history` sweeps all that
an entity has, :mod:`features.asking` looks a few records up.

The invariant: a feature at instant *t* reads only facts known strictly before *t*, and an *N*-day
window is the *N* whole UTC days before *t*'s day plus that day up to *t*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from features.components import Component
from features.facts import FACTS, Facts
from features.measures import Measure

__all__ = ["Merged", "Profile"]

Expression = Any  # ibis publishes no types
Merged = Callable[[Component, int], Expression]


@dataclass(frozen=True)
class Profile:
    """What is remembered of an entity.

    Parameters
    ----------
    entity : str
        First part of the features' names, such as ``importer`` or ``hs_origin``.
    keys : tuple of str
        Columns of the facts that name the entity.
    facts : str
        The relation counted over, such as ``items``.
    measures : tuple of Measure
        What is measured, each over its own windows.
    asked : tuple of str
        Columns of the record asked about that the keys are compared with; by default those of the
        same names.
    """

    entity: str
    keys: tuple[str, ...]
    facts: str
    measures: tuple[Measure, ...]
    asked: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the profile's tiles: what they are kept by, and the facts."""
        return "_".join((*(key.removesuffix("_id") for key in self.keys), self.facts))

    @property
    def asked_by(self) -> tuple[str, ...]:
        """The columns of the record asked about that name the entity."""
        return self.asked or self.keys

    @property
    def tile_key(self) -> tuple[str, ...]:
        """What tells one tile from another, in the order they are looked up by."""
        return (*self.keys, "day")

    @property
    def tiled(self) -> tuple[Profile, ...]:
        """The profile that days keep for it: itself."""
        return (self,)

    @property
    def relation(self) -> Facts:
        """The facts it counts over."""
        return FACTS[self.facts]

    @property
    def components(self) -> tuple[Component, ...]:
        """Every component its measures need, each once."""
        every = [part for measure in self.measures for part in measure.components()]
        return tuple({part.name: part for part in every}.values())

    @property
    def columns(self) -> dict[str, str]:
        """Feature names with the measure's name, in order of declaration."""
        return {self.feature(m, w): m.name for m in self.measures for w in m.windows}

    def feature(self, measure: Measure, window_days: int) -> str:
        """Name a feature.

        Examples
        --------
        >>> from features.measures import Count
        >>> count = Count("declarations", "", (30,), distinct="declaration_id")
        >>> Profile("importer", ("importer_id",), "items", (count,)).feature(count, 30)
        'importer__declarations__30d'
        """
        return f"{self.entity}__{measure.name}__{window_days}d"

    def tile_schema(self) -> dict[str, str]:
        """Columns of the tiles with their types."""
        keys = {key: self.relation.columns[key] for key in self.keys}
        return keys | {"day": "int64"} | {part.name: part.type for part in self.components}

    def instants(self, facts: Expression) -> Expression:
        """Aggregate settled facts by key and instant; without the key they are nobody's history."""
        named = facts.filter(facts.until.isnull(), *(facts[key].notnull() for key in self.keys))
        return named.group_by(*self.keys, "day", "known_at").aggregate(
            **{part.name: part.of(named, None).cast(part.type) for part in self.components}
        )

    def tiles(self, instants: Expression) -> Expression:
        """Merge instants into days."""
        return instants.group_by(*self.keys, "day").aggregate(
            **{
                part.name: part.merged(instants[part.name]).cast(part.type)
                for part in self.components
            }
        )

    def loose(self, found: Expression, by: Sequence[str]) -> Expression:
        """Aggregate the loose facts that were found for each mark: see :mod:`features.seen`.

        The answer has the columns that tell marks apart, and ``<component>__<window>d``; a mark
        that sees none is not in it.
        """
        merged = {
            f"{part.name}__{window}d": part.of(found, found.day >= found.asked_day - window).cast(
                part.type
            )
            for part, window in self.stretches()
        }
        return found.group_by(*(found[name] for name in by)).aggregate(**merged)

    def results(self, merged: Merged, at: Expression) -> dict[str, Expression]:
        """Give the features at an instant, from components merged over each window before it."""
        return {
            self.feature(measure, window): measure.result(
                {part.name: merged(part, window) for part in measure.components()}, at
            )
            for measure in self.measures
            for window in measure.windows
        }

    def stretches(self) -> list[tuple[Component, int]]:
        """Give every component with every window it is merged over, each pair once."""
        pairs = [
            (p, w)
            for measure in self.measures
            for w in measure.windows
            for p in measure.components()
        ]
        return list({(part.name, window): (part, window) for part, window in pairs}.values())
