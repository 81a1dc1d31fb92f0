"""Calls that come while others are worked wait, and are worked as one set when these are done.

A set costs less than its calls would one by one, and only one thread of a worker computes: the
others wait without holding it up. The first of those that wait works for all of them.

Invariant: every call gets one outcome, and of those that wait, the first leads the next set.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Generic, Protocol, TypeVar

from serving.attempt import Failure, attempt
from serving.metrics import join_queue, leave_queue

__all__ = ["Sets"]


class _Sized(Protocol):
    @property
    def records(self) -> int: ...

    @property
    def alike(self) -> object: ...


_Call = TypeVar("_Call", bound=_Sized)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, eq=False)
class _Waiting(Generic[_Call, _Answer]):
    """A call, and what it waits for: its outcome, or None where it is to work for those behind.

    Whoever comes first waits for nothing.
    """

    call: _Call
    came_s: float
    outcome: Future[_Answer | Failure | None] | None

    def tell(self, outcome: _Answer | Failure | None) -> None:
        """Let it wait no longer."""
        if self.outcome is not None:
            self.outcome.set_result(outcome)


class Sets(Generic[_Call, _Answer]):
    """Where calls wait for their turn.

    Parameters
    ----------
    turn : Lock
        Held by whoever computes: threads that compute side by side slow each other down.
    work : callable
        Works a set of calls and returns an outcome for each.
    most : int
        How many records make a set, unless one call alone brings more.
    """

    def __init__(
        self,
        turn: Lock,
        work: Callable[[Sequence[_Call]], Sequence[_Answer | Failure]],
        most: int,
    ) -> None:
        self._turn = turn
        self._work = work
        self._most = most
        self._waiting: list[_Waiting[_Call, _Answer]] = []
        self._changing = Lock()

    def ask(self, call: _Call) -> _Answer:
        """Wait until a call was worked, alone or with others, and return its answer or raise."""
        join_queue()
        with self._changing:
            awaited = Future[_Answer | Failure | None]() if self._waiting else None
            self._waiting.append(_Waiting(call, time.perf_counter(), awaited))
        outcome = awaited.result() if awaited else None
        if outcome is None:
            outcome = self._lead()
        if isinstance(outcome, Failure):
            raise outcome.error
        return outcome

    def _lead(self) -> _Answer | Failure:
        with self._turn:
            ours = self._begin()
            worked = attempt(lambda: self._work([one.call for one in ours]))
        outcomes = [worked] * len(ours) if isinstance(worked, Failure) else worked
        for one, outcome in zip(ours[1:], outcomes[1:], strict=True):
            one.tell(outcome)
        return outcomes[0]

    def _begin(self) -> list[_Waiting[_Call, _Answer]]:
        """Take the next set; the first of those that are left leads the one after."""
        with self._changing:
            count = self._count()
            ours, self._waiting = self._waiting[:count], self._waiting[count:]
            if self._waiting:
                self._waiting[0].tell(None)
        now_s = time.perf_counter()
        leave_queue([now_s - one.came_s for one in ours])
        return ours

    def _count(self) -> int:
        """Count the calls at the front that are alike and, together, not too many records."""
        first, records = self._waiting[0].call, 0
        for count, one in enumerate(self._waiting):
            records += one.call.records
            if count and (one.call.alike != first.alike or records > self._most):
                return count
        return len(self._waiting)
