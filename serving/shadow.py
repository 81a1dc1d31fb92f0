"""Scores that nobody is answered with, made after the answers by the version that gave none.

They are made wherever a version has the alias ``challenger``. One thread of the worker makes them
from the features that the answer was made from, in turn with the requests that compute, so that a
request waits for no more than one such call, and writes those of several calls at once, to the
table ``shadow_scores``. They are for comparison: where more is waiting than memory should hold the
next are left out and counted, and those that wait when a worker is killed are lost.

Invariant: no fault here reaches an answer.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from features.store import Store
from models.assessment import assess
from models.registry import LoadedModel
from serving.attempt import Failure, attempt
from serving.metrics import count_scores, count_shadow_fault, observe_stages, stage
from serving.parts import SHADOW, Columns
from serving.scoring import Filing, kept

__all__ = ["Shadow", "ShadowCall"]

_PAUSE_S = 0.01
_REPEAT_S = 60.0
_END_S = 30.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ShadowCall:
    """Records of a call that was answered, to be scored by another version.

    Attributes
    ----------
    columns : mapping of str to array, shape (n,)
        Identity and features of the records.
    filing : Filing
        What is kept of each record besides its score.
    """

    loaded: LoadedModel
    columns: Columns
    filing: Filing
    received_at: datetime

    @property
    def records(self) -> int:
        """Count the records."""
        return len(self.columns["known_at"])

    def rows(self) -> list[dict[str, Any]]:
        """Score the records, as rows of the store."""
        assessed = assess(self.loaded.model, self.columns)
        return self.filing.under([kept(self.loaded, one, self.received_at) for one in assessed])


class Shadow:
    """What is still to be scored in the shadow.

    Parameters
    ----------
    store : Store
        Where the scores go.
    turn : Lock
        Held by whoever computes.
    most_records : int
        How many records may wait.
    """

    def __init__(self, store: Store, turn: threading.Lock, most_records: int = 10_000) -> None:
        self._store = store
        self._turn = turn
        self._most_records = most_records
        self._waiting: list[ShadowCall] = []
        self._changed = threading.Condition()
        self._is_ended = False
        self._thread: threading.Thread | None = None
        self._said_s = float("-inf")

    def add(self, call: ShadowCall) -> None:
        """Score a call's records soon; it takes no time."""
        with self._changed:
            waiting = sum(one.records for one in self._waiting)
            if waiting + call.records > self._most_records:
                count_shadow_fault(call.loaded.model.subject, call.loaded.version, "left out")
                return
            self._waiting.append(call)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Score what waits, and no more after that."""
        with self._changed:
            self._is_ended = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(_END_S)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_ended)
                is_ended = self._is_ended
            if not is_ended:
                time.sleep(_PAUSE_S)  # the answer leaves first, and calls gather
            with self._changed:
                calls, self._waiting = self._waiting, []
            self._score(calls)
            observe_stages()
            if is_ended and not calls:
                return

    def _score(self, calls: list[ShadowCall]) -> None:
        rows: list[dict[str, Any]] = []
        for call in calls:
            with self._turn, stage(SHADOW):
                made = attempt(call.rows)
            if isinstance(made, Failure):
                self._tell(call, made.error)
            else:
                rows += made
        if not rows:
            return
        with self._turn:
            written = attempt(partial(self._store.keep_shadow_scores, rows))
        if isinstance(written, Failure):
            self._tell(calls[-1], written.error)
            return
        count_scores(rows, SHADOW)

    def _tell(self, call: ShadowCall, error: Exception) -> None:
        """Count a fault, and write one down a minute."""
        subject, version = call.loaded.model.subject, call.loaded.version
        count_shadow_fault(subject, version, "failed")
        if time.monotonic() >= self._said_s + _REPEAT_S:
            self._said_s = time.monotonic()
            _log.error("version %s scores no %s in the shadow", version, subject, exc_info=error)
