"""Score a set of shipments or crossings: take in, compute what is new, store, tell.

Invariant: the same record gets the same stored score, whoever asks, whenever and after any restart;
and a set is answered by the versions that were in service when it began.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from features.catalog import RECORDS
from features.language import Language
from features.online import Ask, LiveFeatures
from features.records import Kind, kind_of
from features.store import Pair, Store, Taken, Turn
from features.store.times import micros
from models.assessment import assess
from models.registry import LoadedModel
from serving.answers import ScoresText
from serving.attempt import Failure, attempt
from serving.calls import Checked, told_each
from serving.canary import Canary
from serving.checking import Row
from serving.metrics import count_scores, count_shadow_fault, stage
from serving.parts import CANARY, SERVED, Columns, Part, parts
from serving.roster import LineUp, Roster
from serving.scoring import Cases, Filing, cases, kept, told, told_now
from serving.shadow import Shadow, ShadowCall

__all__ = ["Bench"]

_log = logging.getLogger(__name__)
# Fewer new records are one transaction with their scores; of so many, it is worth another thread
# to write them to the disk while they are scored.
_MANY = 16


@dataclass(frozen=True)
class Bench:
    """Where the records of one subject are scored.

    Parameters
    ----------
    features : LiveFeatures
        Computes the features of records as of now, over the store's history.
    roster : Roster
        The versions in service.
    canary : Canary
        Which records the challenger answers.
    shadow : Shadow
        Scores by the version that does not answer, after the answer.
    """

    features: LiveFeatures
    roster: Roster
    canary: Canary
    shadow: Shadow

    @cached_property
    def subject(self) -> str:
        """``shipments`` or ``crossings``."""
        return self.features.features.subject

    @cached_property
    def kind(self) -> Kind:
        """The kind of record that is scored."""
        return kind_of(RECORDS[self.subject])

    @cached_property
    def store(self) -> Store:
        """History in, scores out."""
        return self.features.store

    def line_up(self) -> LineUp:
        """Give the versions in service; a 503 problem where there is no champion."""
        line_up = self.roster.line_up(self.subject)
        line_up.leader()
        return line_up

    def score(self, line_up: LineUp, calls: Sequence[Checked]) -> list[ScoresText]:
        """Score the records of calls that go together, and tell each call its own."""
        received_at, may_file = calls[0].known_at, calls[0].call.may_file
        records = [record for call in calls for record in call.records]
        with self.store.turn() as writes:
            found, scored = self._ahead(writes, records, may_file=may_file), None
            is_ahead = found is not None
            if found is not None and len(records) < _MANY:
                scored = self._scored_first(line_up, found, received_at)
            taken, between = self._filed(
                writes, records, received_at, may_file=may_file, is_ahead=is_ahead
            )
            if not taken.first:  # or others brought a part of them meanwhile
                found, scored = between, None
            elif is_ahead and scored is None:
                writes.end()  # they are in though they cannot be scored, or end aside already
            asked = self._asked(records, taken, None if may_file else received_at)
            pairs = list(asked.filing.hashes.items())
            # What was never known has no score.
            known = {} if taken.first else self.store.find_scores(self.subject, pairs)
            new = {subject for subject, content in pairs if (subject, content) not in known}
            made = {}
            if new:
                found = found or self._columns(asked.of(self.kind, new))
                scored = scored or self._scored(line_up, found, received_at)
                made = self._kept(writes, scored, asked.filing, received_at, first=taken.first)
            elif taken.changed or (may_file and any(call.withdrawn for call in calls)):
                self.store.flush()

        def text(subject: str, language: Language) -> str | None:
            content = asked.filing.hashes.get(subject)
            if content is None:
                return None
            pair = (subject, content)
            return told(known[pair], language) if pair in known else made[pair](language)

        return list(told_each(calls, taken.contradicting, text))

    def _ahead(self, writes: Turn, records: list[Row], *, may_file: bool) -> Columns | None:
        """Compute features before records are taken in, where they make no difference to them.

        Records that became known at one instant do not see each other, nor what is found by them.
        Without them nothing is known later than what is asked about, which makes it quick to find.
        What others bring while these wait to be taken in, they do not see.
        """
        instants = {record["known_at"] for record in records}
        if len(instants) > 1 or any(record["cancelled"] for record in records):
            return None
        if not (self.store.prefers_ahead and may_file):
            return None
        with stage("features"):
            return self.features.columns_if_new(records, writes.live_if_new)

    def _filed(
        self,
        writes: Turn,
        records: list[Row],
        received_at: datetime,
        *,
        may_file: bool,
        is_ahead: bool,
    ) -> tuple[Taken, Columns | None]:
        """Take records in, where their holder may file them.

        Their scores may join those that are new, and whose features were found ahead. Features of
        one shipment that was known before are found on the way: see :meth:`Turn.take_in`.
        """
        kind, found = self.kind.name, None
        if not may_file:
            return Taken(0, 0, 0, self.store.as_filed(kind, records, received_at)), None

        def between(taken: Taken) -> None:
            nonlocal found
            in_force = self._asked(records, taken, None).records
            found = self._columns(in_force, writes.live) if in_force else None

        with stage("take_in"):
            taken = writes.take_in(
                kind,
                records,
                received_at,
                lasting=is_ahead,
                between=between,
                aside=is_ahead and len(records) >= _MANY,
            )
            if not (is_ahead and taken.first):
                writes.end()
        return taken, found

    def _asked(self, records: list[Row], taken: Taken, unfiled_at: datetime | None) -> Cases:
        """Say what is to be scored; where nothing is taken in, as of an instant."""
        refused = {records[place][self.kind.group] for place in taken.contradicting}
        in_force = [
            (record, version)
            for record, version in zip(records, taken.versions, strict=True)
            if not record["cancelled"] and record[self.kind.group] not in refused
        ]
        rows, dated = [pair[0] for pair in in_force], [pair[1] for pair in in_force]
        undated = None if unfiled_at is None else micros(unfiled_at)
        return cases(self.kind, rows, dated, undated)

    def _columns(self, records: list[Row], ask: Ask | None = None) -> Columns:
        with stage("features"):
            return self.features.columns(records, ask)

    def _scored_first(
        self, line_up: LineUp, columns: Columns, received_at: datetime
    ) -> list[tuple[Part, list[Row]]] | None:
        """Score before anything is written, for which others might have to wait.

        Where that fails, the records are still to be taken in.
        """
        scored = attempt(partial(self._scored, line_up, columns, received_at))
        return None if isinstance(scored, Failure) else scored

    def _scored(
        self, line_up: LineUp, columns: Columns, received_at: datetime
    ) -> list[tuple[Part, list[Row]]]:
        """Score records, each part by the version that answers it."""
        return [
            self._scored_part(line_up, part, received_at)
            for part in parts(line_up, columns, self.kind.group, self.canary)
        ]

    def _kept(
        self,
        writes: Turn,
        scored: list[tuple[Part, list[Row]]],
        filing: Filing,
        received_at: datetime,
        *,
        first: bool,
    ) -> dict[Pair, Callable[[Language], str]]:
        """Store, and tell how each is told; where others were faster, theirs stands."""
        rows = filing.under([row for _, part_rows in scored for row in part_rows])
        with stage("store"):
            standing = writes.keep_scores(rows, first=first)
        for part, part_rows in scored:
            count_scores(part_rows, part.role)
            if part.other is not None:
                call = ShadowCall(part.other, part.columns, filing, received_at)
                attempt(partial(self.shadow.add, call))
        ours = {row["score_id"] for row in rows}
        if ours.isdisjoint(row["score_id"] for row in standing.values()):
            self.store.flush()  # nothing was written
        return {
            pair: partial(told_now if row["score_id"] in ours else told, row)
            for pair, row in standing.items()
        }

    def _scored_part(
        self, line_up: LineUp, part: Part, received_at: datetime
    ) -> tuple[Part, list[Row]]:
        """Score a part's records; where the challenger fails at it, the champion does."""

        def rows(loaded: LoadedModel) -> list[Row]:
            assessed = assess(loaded.model, part.columns, timed=stage)
            return [kept(loaded, one, received_at) for one in assessed]

        if part.role == CANARY:
            made = attempt(partial(rows, part.loaded))
            if not isinstance(made, Failure):
                return part, made
            count_shadow_fault(self.subject, part.loaded.version, "failed")
            _log.error("the champion answers for the challenger", exc_info=made.error)
            part = Part(part.columns, SERVED, line_up.leader())
        return part, rows(part.loaded)
