"""Calls for scores of one subject: how they wait, and what becomes of each of a set.

Invariant: what is at fault with one call fails that one alone.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from threading import Lock

from features.language import ENGLISH, Language
from serving.answers import ScoresText
from serving.attempt import Failure, attempt
from serving.bench import Bench
from serving.calls import Call, Checked, parted
from serving.principal import Principal
from serving.problems import NO_STORE
from serving.requests import Limits
from serving.roster import LineUp
from serving.sets import Sets

__all__ = ["Queue"]


class Queue:
    """Where calls for scores come in.

    Parameters
    ----------
    bench : Bench
        Where sets are scored.
    key : bytes
        Key of the pseudonyms.
    turn : Lock
        Held by whoever computes.
    clock : callable
        Returns the time now, UTC.
    """

    def __init__(self, bench: Bench, key: bytes, turn: Lock, clock: Callable[[], datetime]) -> None:
        self.bench = bench
        self._key = key
        self._clock = clock
        self._sets = Sets(turn, self._work, Limits.records)  # as many as one call may bring

    def score(
        self,
        rows: Sequence[object],
        received_at: datetime,
        principal: Principal,
        language: Language = ENGLISH,
    ) -> ScoresText:
        """Score records, one score a subject in order of first appearance.

        Calls that come while others are worked share a set. Their records are known from the
        instant when it begins, so that it sees what came while they waited, and finds it among what
        is known already: what is known later has to be left out fact by fact.
        """
        return self._sets.ask(Call(rows, received_at, principal, language))

    def _work(self, calls: Sequence[Call]) -> list[ScoresText | Failure]:
        line_up = self.bench.line_up()
        known_at = max(self._clock(), *(call.received_at for call in calls))
        outcomes: dict[Call, ScoresText | Failure] = {}
        good: list[Checked] = []
        for call in calls:
            checked = attempt(partial(call.checked, self.bench.kind, self._key, known_at))
            if isinstance(checked, Failure):
                outcomes[call] = checked
            elif checked.accepted:
                good.append(checked)
            else:
                outcomes[call] = ScoresText([], checked.errors)
        for together in parted(good, self._known(good)):
            told = self._told(line_up, together)
            outcomes |= {one.call: text for one, text in zip(together, told, strict=True)}
        return [outcomes[call] for call in calls]

    def _known(self, calls: Sequence[Checked]) -> set[str]:
        """Name the subjects of several calls that were known before."""
        if len(calls) <= 1:
            return set()
        subjects = [subject for call in calls for subject in call.subjects]
        return self.bench.store.known_among(self.bench.kind.name, subjects)

    def _told(self, line_up: LineUp, calls: list[Checked]) -> Sequence[ScoresText | Failure]:
        """Score a set; where that fails, each call by itself, unless the store does not answer."""
        told = attempt(partial(self.bench.score, line_up, calls))
        if not isinstance(told, Failure):
            return told
        if len(calls) == 1 or isinstance(told.error, NO_STORE):
            return [told] * len(calls)
        return [self._told(line_up, [call])[0] for call in calls]
