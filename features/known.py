"""What is known of parties: counts of facts that name them, for :mod:`features.neighbours`.

The counts are parts that add up over parties. Over history they are spans in which a window sees
what is counted; of a few parties asked about they are read from whole days, the day so far, and
loose facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis

from features.facts import Facts
from features.kept import Kept
from features.measures import Count, Rate
from features.profiles import Profile
from features.spans import united

__all__ = ["Known", "With"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class With:
    """Of how many parties there is any of what is counted."""

    name: str
    counted: Count
    sentence: str
    windows: tuple[int, ...]
    unit: str = "count"
    missing: str = "the record names no such key"

    def result(self, parts: Mapping[str, Expression], at: Expression) -> Expression:  # noqa: ARG002
        """Give their number."""
        return parts[f"{self.counted.name}__parties"]


@dataclass(frozen=True)
class Known:
    """What facts tell of parties, in one window.

    Parameters
    ----------
    key : str
        Column of the facts that names the party.
    facts : str
        The relation counted over, such as ``controls``.
    measures : tuple of Count, Rate or With
        What is measured of all parties together; counts are of distinct values.
    """

    key: str
    facts: str
    measures: tuple[Count | Rate | With, ...]

    @property
    def profile(self) -> Profile:
        """What days keep of a party."""
        return Profile(self.key.removesuffix("_id"), (self.key,), self.facts, self._counts)

    @property
    def relation(self) -> Facts:
        """The facts it counts over."""
        return self.profile.relation

    @property
    def window_days(self) -> int:
        """The window, which all measures share."""
        (window,) = {window for measure in self.measures for window in measure.windows}
        return window

    @property
    def _counts(self) -> tuple[Count, ...]:
        every = [count for measure in self.measures for count in _counted(measure)]
        return tuple({count.name: count for count in every}.values())

    @property
    def _sums(self) -> dict[str, Count]:
        return {f"{count.name}__n": count for count in self._counts}

    @property
    def _numbers(self) -> dict[str, Count]:
        having = (measure.counted for measure in self.measures if isinstance(measure, With))
        return {f"{count.name}__parties": count for count in having}

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of what adds up: counts, and numbers of the parties that have any."""
        return (*self._sums, *self._numbers)

    def spans(self, facts: Expression) -> Expression:
        """Give the spans in which a window sees anything: key, ``began``, ``ended`` and parts."""
        spans = [
            self._spans(facts, part, count, (self.key, str(count.distinct)))
            for part, count in self._sums.items()
        ]
        spans += [
            self._spans(facts, part, count, (self.key,)) for part, count in self._numbers.items()
        ]
        every = reduce(ibis.union, spans)
        return every.group_by(self.key, "began", "ended").aggregate(
            **{part: every[part].sum().cast("int64") for part in self.parts}
        )

    def _spans(self, facts: Expression, part: str, count: Count, by: Sequence[str]) -> Expression:
        counted = facts if count.where is None else facts.filter(facts[count.where])
        own = {name: ibis.literal(int(name == part), "int64") for name in self.parts}
        return united(counted, by, self.window_days).select(self.key, "began", "ended", **own)

    def looked_up(self, parties: Expression, kept: Kept, by: Sequence[str]) -> Expression:
        """Add up, for each mark, what its parties have; a mark whose have nothing is not in it.

        Parameters
        ----------
        parties : the key, ``by``, ``asked_at``, ``asked_day`` and ``asked_owner``, each once.
        by : the columns that tell marks apart.
        """
        whole, fresh = self._whole(parties, kept, by), self._fresh(parties, kept, by)
        if fresh is None:
            return whole
        none = dict.fromkeys(self.parts, ibis.literal(0, "int64"))
        one = ibis.literal(1, "int64")
        added = [whole, fresh.select(*by, **none | {name: fresh[name] for name in self._sums})]
        for part, count in self._numbers.items():
            # A party counts once, so those that whole days have are left out.
            total = f"{count.name}__n"
            tiles, near = self._near(fresh, kept)
            new = fresh.filter(fresh[total] > 0).anti_join(tiles, [*near, tiles[total] > 0])
            added.append(new.select(*by, **none | {part: one}))
        every = reduce(ibis.union, added)
        return every.group_by(*by).aggregate(
            **{part: every[part].sum().cast("int64") for part in self.parts}
        )

    def _near(self, parties: Expression, kept: Kept) -> tuple[Expression, list[Expression]]:
        """Give the tiles, and which of them are of a party and of whole days in the window."""
        tiles, last = kept.tables[f"tiles_{self.profile.name}"], parties.asked_day
        is_whole = tiles.day <= last if kept.whole_today else tiles.day < last
        first = parties.asked_day - self.window_days
        return tiles, [parties[self.key] == tiles[self.key], tiles.day >= first, is_whole]

    def _whole(self, parties: Expression, kept: Kept, by: Sequence[str]) -> Expression:
        """Add up whole days, mark by mark, without telling its parties apart."""
        found = parties.inner_join(*self._near(parties, kept), rname="tile_{name}")
        having = {
            part: found[self.key].nunique(where=found[f"{count.name}__n"] > 0)
            for part, count in self._numbers.items()
        }
        return found.group_by(*by).aggregate(**self._summed(found), **having)

    def _fresh(self, parties: Expression, kept: Kept, by: Sequence[str]) -> Expression | None:
        """Count facts of a day that is not whole and loose ones, mark by mark, party by party."""
        by = [*dict.fromkeys([*by, "asked_day"]), self.key]
        found = []
        if not kept.whole_today:
            found.append(self._so_far(parties, kept.tables[f"facts_{self.facts}"], by))
        loose = kept.seen(parties, self.facts, (self.key,))
        if loose is not None:
            found.append(self._loose(loose, by))
        if len(found) < 2:
            return found[0] if found else None
        every = reduce(ibis.union, found)
        return every.group_by(*by).aggregate(**self._summed(every))

    def _summed(self, rows: Expression) -> dict[str, Expression]:
        return {part: rows[part].sum().cast("int64") for part in self._sums}

    def _so_far(self, parties: Expression, facts: Expression, by: Sequence[str]) -> Expression:
        earlier = [
            parties[self.key] == facts[self.key],
            facts.day == parties.asked_day,
            facts.known_at < parties.asked_at,
            facts.until.isnull(),
        ]
        found = parties.left_join(facts, earlier, rname="fact_{name}")
        # SQLite would turn an inner join about, and run through the day's facts for every mark.
        return self._aggregated(found.filter(ibis.coalesce(found.known_at, 0) > 0), by)

    def _loose(self, found: Expression, by: Sequence[str]) -> Expression:
        near = found.filter(found.day >= found.asked_day - self.window_days)
        return self._aggregated(near, by)

    def _aggregated(self, found: Expression, by: Sequence[str]) -> Expression:
        parts = self.profile.components
        return found.group_by(*by).aggregate(
            **{part.name: part.of(found, None).cast("int64") for part in parts}
        )


def _counted(measure: Count | Rate | With) -> tuple[Count, ...]:
    if isinstance(measure, Rate):
        return (measure.hits, measure.among)
    return (measure.counted,) if isinstance(measure, With) else (measure,)
