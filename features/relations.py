"""Relations: whom an entity dealt with, and how many others they were.

How many different others there were in a stretch of time does not add up from day to day, so days
keep the others themselves: a relation's tiles have one row an entity, day and other. Only for
entities whose days have few others; an office's importers are not counted so.

``over_history``  sweeps an entity's history once: another is counted from the instant it is seen
                  until it is seen again or leaves the window
``looked_up``     counts the others of a few records asked about, and those of loose facts

Both give the same numbers, and see what a profile sees (:mod:`features.profiles`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis

from features.measures import DaysSince
from features.profiles import Profile
from features.seen import asked_by, marks, seen
from features.spans import leaves, running

__all__ = ["Relation"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class Relation:
    """How many others an entity dealt with.

    Parameters
    ----------
    entity : str
        First part of the features' names.
    keys : tuple of str
        Columns of the facts that name the entity.
    facts : str
        The relation of facts in which they met.
    name : str
        Second part of the features' names, such as ``exporters``.
    other : str
        Column of the facts that names the other.
    sentence : str
        Wording with ``{value}`` and ``{window}``.
    windows : tuple of int
        Windows in days, each a feature.
    asked : tuple of str
        Columns of the record asked about that the keys are compared with; by default those of the
        same names.
    """

    entity: str
    keys: tuple[str, ...]
    facts: str
    name: str
    other: str
    sentence: str
    windows: tuple[int, ...]
    asked: tuple[str, ...] = ()
    unit: str = "count"
    missing: str = "the record names no such key"

    @property
    def links(self) -> Profile:
        """What days keep: every other, and the instant it was first met that day."""
        met = DaysSince("first_met", "", self.windows, first=True)
        return Profile(
            f"{self.entity}_{self.name}",
            (*self.keys, self.other),
            self.facts,
            (met,),
            others=(self.other,),
            asked=self.asked_by,
        )

    @property
    def tiled(self) -> tuple[Profile, ...]:
        """The profile that days keep for it."""
        return (self.links,)

    @property
    def asked_by(self) -> tuple[str, ...]:
        """The columns of the record asked about that name the entity."""
        return self.asked or self.keys

    @property
    def columns(self) -> dict[str, str]:
        """Feature names with the measure's name.

        Examples
        --------
        >>> sentence = "{value} exporters in {window} days"
        >>> met = ("importer", ("importer_id",), "items", "exporters", "exporter_id", sentence)
        >>> list(Relation(*met, windows=(365,)).columns)
        ['importer__exporters__365d']
        """
        return {self._feature(window): self.name for window in self.windows}

    def _feature(self, window_days: int) -> str:
        return f"{self.entity}__{self.name}__{window_days}d"

    def over_history(self, tiles: Expression, asked: Expression) -> Expression:
        """Count the others of settled facts, by keys and instant asked about.

        ``tiles`` are those of the links. What changes a count takes effect after its instant.
        """
        met = ibis.window(
            group_by=[tiles[key] for key in (*self.keys, self.other)], order_by=tiles.day
        )
        links = tiles.mutate(met_again=tiles.first_at.lead().over(met))
        changes = [self._began(links), *(self._ended(links, window) for window in self.windows)]
        return running(
            asked, reduce(ibis.union, changes), self.keys, tuple(self.columns), "known_at"
        )

    def _began(self, links: Expression) -> Expression:
        more = {name: ibis.literal(1, "int64") for name in self.columns}
        return links.select(*self.keys, known_at=links.first_at, **more)

    def _ended(self, links: Expression, window: int) -> Expression:
        left = leaves(links.day, window)
        fewer = {
            self._feature(w): ibis.literal(-1 if w == window else 0, "int64") for w in self.windows
        }
        ended = ibis.least(ibis.coalesce(links.met_again, left), left)
        return links.select(*self.keys, known_at=ended, **fewer)

    def looked_up(
        self, marked: Expression, tiles: Expression, found: Expression | None, by: Sequence[str]
    ) -> Expression:
        """Count the others of each mark, among settled facts and the loose ones found for it.

        The answer has the columns that tell marks apart, and the features.
        """
        met = self._others(self.met(marked, tiles, max(self.windows)), by)
        if found is not None:
            met = met.union(self._others(found, by))
        counts = met.group_by(*by).aggregate(
            **{
                self._feature(window): met[self.other].nunique(
                    where=met.day >= met.asked_day - window
                )
                for window in self.windows
            }
        )
        joined = marked.left_join(counts, list(by), rname="counted_{name}")
        features = {name: ibis.coalesce(joined[name], 0).cast("float64") for name in self.columns}
        return joined.select(*by, **features)

    def met(self, marked: Expression, tiles: Expression, window_days: int) -> Expression:
        """Lay beside each mark the others it met in a window by settled facts, day by day."""
        near = [
            *(marked[key] == tiles[key] for key in self.keys),
            tiles.day >= marked.asked_day - window_days,
            tiles.day <= marked.asked_day,
            tiles.first_at < marked.asked_at,
        ]
        return marked.inner_join(tiles, near, rname="tile_{name}")

    def _others(self, met: Expression, by: Sequence[str]) -> Expression:
        return met.select(*by, "asked_day", "day", self.other)

    def answers(
        self,
        facts: Mapping[str, Expression],
        asked: Expression,
        identity: Sequence[str],
        subject: str,
        not_settled: Collection[str],
    ) -> Expression:
        """Give the features of every row asked about that names the entity.

        Parameters
        ----------
        facts : relations of facts by name.
        asked : rows of a subject with ``identity``, ``day``, ``known_at`` and ``owner``.
        not_settled : names of the facts of which some do not stay.
        """
        named = asked_by(asked, self.keys, self.asked_by)
        held = facts[self.facts]
        tiles = self.links.tiles(self.links.instants(held))
        rows = named.select(*dict.fromkeys([*identity, *self.keys, "known_at", "owner"]))
        joined = rows.inner_join(self.over_history(tiles, named), [*self.keys, "known_at"])
        if self.facts not in not_settled:
            return joined.select(*identity, *self.columns)
        joined = joined.left_join(
            self._amended(tiles, held, named, self.links.relation.own(subject)),
            [*self.keys, "known_at", "owner"],
            rname="loose_{name}",
        )
        chosen = {
            name: ibis.coalesce(joined[f"loose_{name}"], joined[name]) for name in self.columns
        }
        return joined.select(*identity, **chosen)

    def _amended(
        self, tiles: Expression, facts: Expression, named: Expression, own: str | None
    ) -> Expression:
        """Count the others of the rows that see loose facts."""
        by = [*self.keys, "asked_at", "asked_owner"]
        every = marks(named, self.keys)
        found = seen(every, facts, self.keys, own)
        marked = every.semi_join(found, by)
        counted = self.looked_up(marked, tiles, found, by)
        return counted.rename({"known_at": "asked_at", "owner": "asked_owner"})
