"""Neighbours: what is known of those an entity dealt with.

A relation says whom an entity dealt with in a window of days; here what facts tell of each of them
in the same window is added up over the others, each taken once however often they met. It does not
matter which became known first, the dealing or what is known of the other; both were before the
instant asked about. What was found when the two dealt with one another is known of the other too.

``answers``    over history: the spans in which another is near, cut with those in which something
               is known of it, change the sums at their ends, which are swept once
``looked_up``  for a few records asked about, through the others met and their tiles

Facts that were replaced count for as long as they held, dealings and what is known alike. Over
history theirs are spans as all others are; only a record that loose facts tell of is looked up by
itself, as it does not see its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis

from features.facts import FACTS, FOREVER
from features.kept import Kept
from features.known import Known
from features.profiles import Profile
from features.relations import OfRelation, since
from features.seen import asked_by, loose, marks
from features.spans import changes, summed, united

__all__ = ["Neighbours"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class Neighbours(OfRelation):
    """What is known of the others of a relation.

    Parameters
    ----------
    relation : Relation
        Who dealt with whom.
    known : Known
        What is known of the other; its window is that of the dealings too.
    """

    known: Known

    @property
    def entity(self) -> str:
        """First part of the features' names."""
        return self.relation.entity

    @property
    def tiled(self) -> tuple[Profile, ...]:
        """The profiles that days keep for it."""
        return (self.relation.links, self.known.profile)

    @property
    def columns(self) -> dict[str, str]:
        """Feature names with what they measure.

        Examples
        --------
        >>> from features.measures import Count
        >>> from features.relations import Relation
        >>> met = ("importer", ("importer_id",), "items", "exporters", "exporter_id", "")
        >>> hits = Count("offences", "", (365,), distinct="inspection_id", where="is_offence")
        >>> known = Known("exporter_id", "controls", (hits,))
        >>> list(Neighbours(Relation(*met, windows=()), known).columns)
        ['importer__exporters_offences__365d']
        """
        names = (f"{self.relation.name}_{measure.name}" for measure in self.known.measures)
        return {f"{self.entity}__{name}__{self.known.window_days}d": name for name in names}

    def _results(self, parts: Expression, at: Expression) -> dict[str, Expression]:
        merged = {name: parts[name] for name in self.known.parts}
        features = zip(self.columns, self.known.measures, strict=True)
        return {name: measure.result(merged, at) for name, measure in features}

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
        rows = named.select(*dict.fromkeys([*identity, *self.keys, "known_at", "owner"]))
        joined = rows.inner_join(self._over_history(facts, named), [*self.keys, "known_at"])
        owners = [
            loose(facts[name]).select(owner=own)
            for name in (self.facts, self.known.facts)
            if name in not_settled and (own := FACTS[name].own(subject))
        ]
        if owners:
            alone = self._alone(facts, named, reduce(ibis.union, owners), subject)
            joined = joined.left_join(alone, [*self.keys, "known_at", "owner"], rname="own_{name}")
            joined = joined.mutate(
                **{n: ibis.coalesce(joined[f"own_{n}"], joined[n]) for n in self.known.parts}
            )
        return joined.select(*identity, **self._results(joined, joined.known_at))

    def _over_history(self, facts: Mapping[str, Expression], named: Expression) -> Expression:
        """Add up what is known of the others, by keys and instant asked about."""
        known = self.known.spans(facts[self.known.facts])
        near = self._near(facts[self.facts], facts[self.known.facts], named)
        both = near.inner_join(
            known,
            [
                near[self.relation.other] == known[self.known.key],
                known.began < near.ended,
                known.ended > near.began,
            ],
            rname="known_{name}",
        )
        began = ibis.greatest(both.began, both.known_began)
        ended = ibis.least(both.ended, both.known_ended)
        spans = both.select(*self.keys, *self.known.parts, began=began, ended=ended)
        return summed(named, changes(spans, self.known.parts), self.keys, self.known.parts)

    def _near(self, facts: Expression, known: Expression, named: Expression) -> Expression:
        """Give the spans in which others are near of whom anything is known."""
        last = named.group_by(*self.keys).aggregate(last_asked=named.known_at.max())
        met = facts.semi_join(known, facts[self.relation.other] == known[self.known.key])
        met = met.inner_join(last, list(self.keys))
        # Nobody asks after the last, so that who dealt only once needs no span.
        met = met.filter(met.known_at < met.last_asked)
        until = ibis.least(ibis.coalesce(met.until, FOREVER), met.last_asked)
        by = (*self.keys, self.relation.other)
        return united(met.mutate(until=until), by, self.known.window_days)

    def _alone(
        self,
        facts: Mapping[str, Expression],
        named: Expression,
        owners: Expression,
        subject: str,
    ) -> Expression:
        """Add up for the rows that loose facts tell of."""
        every = marks(named, self.keys)
        marked = every.semi_join(owners, every.asked_owner == owners.owner)
        tables = {f"facts_{name}": relation for name, relation in facts.items()}
        for profile in self.tiled:
            tables[f"tiles_{profile.name}"] = profile.tiles(profile.instants(facts[profile.facts]))
        by = [*self.keys, "asked_at", "asked_owner"]
        kept = Kept(tables, {self.facts, self.known.facts}, subject)
        met = self.relation.met(marked, kept, by, self.known.window_days)
        found = self._added(marked, met, kept, by)
        return found.rename({"known_at": "asked_at", "owner": "asked_owner"})

    def looked_up(
        self, marked: Expression, met: Expression, kept: Kept, by: Sequence[str]
    ) -> Expression:
        """Give the features of each mark, by the columns that tell marks apart.

        Parameters
        ----------
        met : the others of each mark: see :meth:`features.relations.Relation.met`.
        """
        added = self._added(marked, met, kept, by)
        return added.select(*by, **self._results(added, added.asked_at))

    def _added(
        self, marked: Expression, met: Expression, kept: Kept, by: Sequence[str]
    ) -> Expression:
        """Add up what is known of each mark's others; ``by``, ``asked_at`` and the parts."""
        near = met.filter(met.met_at >= since(met, self.known.window_days))
        others = near.rename({self.known.key: self.relation.other})
        found = self.known.looked_up(others, kept, by)
        joined = marked.left_join(found, list(by), rname="of_{name}")
        parts = {n: ibis.coalesce(joined[n], 0).cast("float64") for n in self.known.parts}
        return joined.select(*dict.fromkeys([*by, "asked_at"]), **parts)
