"""The model that serves, loaded once.

Invariant: a model that is absent or does not fit is never served; the service then says so in
`/readyz` and looks again, so that the first promotion needs no restart.
"""

import logging
from collections.abc import Callable
from threading import Lock

from models.registry import LoadedModel
from serving.problems import Problem, unavailable

_RETRY_S = 5.0
_log = logging.getLogger(__name__)


def no_champion(subject: str, retry_s: float = _RETRY_S) -> Problem:
    """Say that there is nothing to score a subject with."""
    return unavailable(
        f"expected a champion of {subject} to score with, found none that loads; "
        "train and promote one (the service's log has the reason)",
        retry_s,
    )


class Champion:
    """The champion of a subject.

    Parameters
    ----------
    subject : str
        ``shipments`` or ``crossings``.
    load : callable
        Loads it, or raises whatever prevents that.
    monotonic_s : callable
        A clock in seconds that never goes back.
    retry_s : float
        How long to wait, at least, before another attempt.
    """

    def __init__(
        self,
        subject: str,
        load: Callable[[], LoadedModel],
        monotonic_s: Callable[[], float],
        retry_s: float = _RETRY_S,
    ) -> None:
        self.subject = subject
        self._load = load
        self._monotonic_s = monotonic_s
        self._retry_s = retry_s
        self._loaded: LoadedModel | None = None
        self._next_attempt_s = float("-inf")
        self._lock = Lock()

    def get(self) -> LoadedModel:
        """Return the champion, or raise a 503 problem."""
        loaded = self.find()
        if loaded is None:
            raise no_champion(self.subject, self._retry_s)
        return loaded

    def find(self) -> LoadedModel | None:
        """Return the champion, or None."""
        if self._loaded is None:
            with self._lock:
                self._attempt()
        return self._loaded

    def _attempt(self) -> None:
        now = self._monotonic_s()
        if self._loaded is not None or now < self._next_attempt_s:
            return
        self._next_attempt_s = now + self._retry_s
        try:
            self._loaded = self._load()
        except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
            _log.warning("no champion of %s to serve: %s", self.subject, error)
