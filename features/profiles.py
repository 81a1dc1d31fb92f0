"""Profiles: the small language a feature over history is declared in, and what it compiles to.

A profile is an entity (one key or several), a relation of facts, and measures with their windows.
From it come expressions that run on any engine Ibis knows:

``instants``  facts to components by key and instant
``tiles``     instants to components by key and day
``whole``     tiles to components by key and day of asking, for each window, over whole earlier days
``so_far``    instants to components of the day of asking, strictly before the instant
``features``  both merged, into named columns

The invariant: a feature at instant *t* reads only facts known strictly before *t*, and an *N*-day
window is the *N* whole UTC days before *t*'s day plus that day up to *t*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis

from features.facts import FACTS, Facts
from features.measures import Component, Measure

__all__ = ["Profile"]

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
    """

    entity: str
    keys: tuple[str, ...]
    facts: str
    measures: tuple[Measure, ...]

    @property
    def name(self) -> str:
        """Name of the profile's tiles: entity and facts."""
        return f"{self.entity}_{self.facts}"

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
        """Aggregate facts by key and instant; facts without the key are nobody's history."""
        named = facts.filter(*(facts[key].notnull() for key in self.keys))
        return named.group_by(*self.keys, "day", "known_at").aggregate(
            **{part.name: part.of(named).cast(part.type) for part in self.components}
        )

    def tiles(self, instants: Expression) -> Expression:
        """Merge instants into days."""
        return instants.group_by(*self.keys, "day").aggregate(
            **{
                part.name: part.merged(instants[part.name]).cast(part.type)
                for part in self.components
            }
        )

    def whole(self, tiles: Expression, asked: Expression) -> Expression:
        """Merge the whole days before each day of asking, window by window.

        ``asked`` has the keys and ``day``; the answer has both and ``<component>__<window>d``.
        """
        longest = max(window for measure in self.measures for window in measure.windows)
        days = asked.select(*self.keys, asked_day=asked.day).distinct()
        near = (tiles.day < days.asked_day) & (tiles.day >= days.asked_day - longest)
        same = [days[key] == tiles[key] for key in self.keys]
        joined = days.inner_join(tiles, [*same, near], rname="tile_{name}")
        merged = {
            f"{part.name}__{window}d": part.merged(
                joined[part.name],
                None if window == longest else joined.day >= joined.asked_day - window,
            )
            for part, window in self.stretches()
        }
        grouped = joined.group_by(*(joined[key] for key in self.keys), "asked_day").aggregate(
            **merged
        )
        return grouped.rename(day="asked_day")

    def so_far(self, instants: Expression, asked: Expression) -> Expression:
        """Merge what was known earlier on the day of asking.

        Marks of the instants asked about are laid among the instants, each before the facts of its
        own instant, and everything before a mark is merged: equal instants do not see each other.
        """
        marks = asked.select(
            *self.keys,
            "day",
            "known_at",
            is_fact=ibis.literal(0, "int64"),
            **{part.name: ibis.null(part.type) for part in self.components},
        ).distinct()
        facts = instants.select(
            *self.keys,
            "day",
            "known_at",
            is_fact=ibis.literal(1, "int64"),
            **{part.name: instants[part.name] for part in self.components},
        )
        days = marks.select(*self.keys, "day").distinct()
        rows = ibis.union(marks, facts.semi_join(days, [*self.keys, "day"]))
        before = ibis.cumulative_window(
            group_by=[rows[key] for key in (*self.keys, "day")],
            order_by=[rows.known_at, rows.is_fact],
        )
        running = rows.mutate(
            **{
                f"{part.name}__0d": part.merged(rows[part.name]).over(before)
                for part in self.components
            }
        )
        return running.filter(running.is_fact == 0).select(
            *self.keys, "day", "known_at", *(f"{part.name}__0d" for part in self.components)
        )

    def features(self, whole: Expression, so_far: Expression) -> Expression:
        """Merge whole days with the day so far and give the features, by keys and instant."""
        joined = so_far.left_join(whole, [*self.keys, "day"])

        def merged(part: Component, window: int) -> Expression:
            return part.joined(joined[f"{part.name}__{window}d"], joined[f"{part.name}__0d"])

        return joined.select(*self.keys, "known_at", **self.results(merged, joined.known_at))

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
