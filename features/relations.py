"""Relations: whom an entity dealt with, and how many others they were.

How many different others there were in a stretch of time does not add up from day to day, so the
others themselves are kept: a relation's tiles have one row an entity, other and day, and its pairs
one an entity and other. Only for entities that deal with few others; an office's importers are not
counted so.

``over_history``  sweeps an entity's history once: another is counted from the instant it is seen
                  until it is seen again or leaves the window
``met``           finds the others of a few records asked about, and those of loose facts
``looked_up``     counts them

Both give the same numbers, and see what a profile sees (:mod:`features.profiles`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis

from features.facts import DAY_US, FACTS
from features.kept import Kept
from features.measures import DaysSince
from features.pairs import Pairs
from features.profiles import Profile
from features.seen import asked_by, marks
from features.spans import leaves, running

__all__ = ["OfRelation", "Relation", "since"]

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
        """What days keep of the two: the instant they first met that day.

        Its keys stand as the facts' columns do, so that either's relation to the other, and a
        profile of both, are of the same tiles.
        """
        met = DaysSince("first_met", "", self.windows, first=True)
        asked = dict(zip((*self.keys, self.other), (*self.asked_by, self.other), strict=True))
        keys = tuple(name for name in FACTS[self.facts].columns if name in asked)
        named = tuple(asked[key] for key in keys)
        return Profile(f"{self.entity}_{self.name}", keys, self.facts, (met,), asked=named)

    @property
    def pairs(self) -> Pairs:
        """What is kept of the two whatever the day."""
        return Pairs(self.keys, self.other, self.facts)

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

    def met(
        self,
        marked: Expression,
        kept: Kept,
        by: Sequence[str],
        window_days: int,
    ) -> Expression:
        """Find the others that each mark met in a window, each once.

        Parameters
        ----------
        kept : the tiles, the pairs if there are any, and the loose facts.
        by : the columns that tell marks apart.

        Returns
        -------
        relation
            ``by``, what was asked, the other, and ``met_at``, an instant of the last day they met.
        """
        tiles = kept.tables[f"tiles_{self.links.name}"]
        pairs = kept.tables.get(f"pairs_{self.pairs.name}")
        asked = tuple(dict.fromkeys([*by, "asked_at", "asked_day", "asked_owner", self.other]))
        if pairs is None:
            near = _near(marked, tiles, self.keys, window_days)
            found = marked.inner_join(tiles, near, rname="tile_{name}")
            met = _last(found.rename(met_at="first_at"), asked)
        else:
            known = marked.inner_join(pairs, [marked[key] == pairs[key] for key in self.keys])
            known = known.select(*dict.fromkeys([*asked, *self.keys]), met_at=known.last_at)
            if not kept.whole_today:
                known = self._before(known, tiles, window_days)
            met = known.filter(known.met_at >= since(known, window_days)).select(*asked, "met_at")
        loose = kept.seen(marked, self.facts, self.keys)
        if loose is None:
            return met
        near = loose.filter(loose.day >= loose.asked_day - window_days, loose[self.other].notnull())
        return _last(met.union(near.select(*asked, met_at=near.day * DAY_US)), asked)

    def _before(self, known: Expression, tiles: Expression, window_days: int) -> Expression:
        """Of those that met again since, as the record itself may tell, find the day before."""
        days = tiles.filter(_near(known, tiles, (*self.keys, self.other), window_days))
        before = days.day.max().as_scalar() * DAY_US
        return known.mutate(met_at=ibis.ifelse(known.met_at < known.asked_at, known.met_at, before))

    def looked_up(self, marked: Expression, met: Expression, by: Sequence[str]) -> Expression:
        """Count the others that each mark met.

        The answer has the columns that tell marks apart, and the features.
        """
        counts = met.group_by(*by).aggregate(
            **{
                self._feature(window): (met.met_at >= since(met, window)).sum()
                for window in self.windows
            }
        )
        joined = marked.left_join(counts, list(by), rname="counted_{name}")
        features = {name: ibis.coalesce(joined[name], 0).cast("float64") for name in self.columns}
        return joined.select(*by, **features)

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
        held = facts[self.facts].semi_join(named, self.keys)
        tiles = self.links.tiles(self.links.instants(held))
        rows = named.select(*dict.fromkeys([*identity, *self.keys, "known_at", "owner"]))
        joined = rows.inner_join(self.over_history(tiles, named), [*self.keys, "known_at"])
        if self.facts not in not_settled:
            return joined.select(*identity, *self.columns)
        joined = joined.left_join(
            self._amended(tiles, held, named, subject),
            [*self.keys, "known_at", "owner"],
            rname="loose_{name}",
        )
        chosen = {
            name: ibis.coalesce(joined[f"loose_{name}"], joined[name]) for name in self.columns
        }
        return joined.select(*identity, **chosen)

    def _amended(
        self, tiles: Expression, facts: Expression, named: Expression, subject: str
    ) -> Expression:
        """Count the others of the rows that see loose facts."""
        by = [*self.keys, "asked_at", "asked_owner"]
        every = marks(named, self.keys)
        tables = {f"tiles_{self.links.name}": tiles, f"facts_{self.facts}": facts}
        kept = Kept(tables, {self.facts}, subject)
        marked = every.semi_join(kept.seen(every, self.facts, self.keys), by)
        met = self.met(marked, kept, by, max(self.windows))
        counted = self.looked_up(marked, met, by)
        return counted.rename({"known_at": "asked_at", "owner": "asked_owner"})


@dataclass(frozen=True)
class OfRelation:
    """What is asked of the others in a relation.

    Parameters
    ----------
    relation : Relation
        Who dealt with whom.
    """

    relation: Relation

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns of the dealings that name the entity."""
        return self.relation.keys

    @property
    def asked_by(self) -> tuple[str, ...]:
        """The columns of the record asked about that name the entity."""
        return self.relation.asked_by

    @property
    def facts(self) -> str:
        """The facts in which they met."""
        return self.relation.facts


def since(asked: Expression, window_days: int) -> Expression:
    """Give the instant at which a window of whole days before the day of asking begins."""
    return (asked.asked_day - window_days) * DAY_US


def _near(
    marked: Expression, tiles: Expression, keys: Sequence[str], window_days: int
) -> list[Expression]:
    """Say which days are of a mark's keys, in the window, with a dealing before the instant."""
    return [
        *(marked[key] == tiles[key] for key in keys),
        tiles.day >= marked.asked_day - window_days,
        tiles.day <= marked.asked_day,
        tiles.first_at < marked.asked_at,
    ]


def _last(met: Expression, by: Sequence[str]) -> Expression:
    return met.group_by(*by).aggregate(met_at=met.met_at.max())
