"""The versions in service, kept up with the aliases of the registry.

Every worker asks the registry by itself, every two seconds and outside any request; a version is
loaded, has scored an example and only then replaces the one before, at once for whatever begins
after that. A request takes its line-up once and keeps it, so it ends with the version that it began
with.

Invariant: no request waits for the registry, and none finds less to be served by than the one
before.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from models.registry import CHALLENGER, CHAMPION, LoadedModel
from serving.attempt import Failure, attempt
from serving.problems import Problem, unavailable
from serving.seat import LastGood, Seat

__all__ = ["POLL_S", "LineUp", "Roster", "Source", "no_champion"]

POLL_S = 2.0
_ALIASES = (CHAMPION, CHALLENGER)
_log = logging.getLogger(__name__)


class Source(Protocol):
    """Where versions come from: the registry, or a bento."""

    def aliases(self, subject: str) -> Mapping[str, str]:
        """Say which version each alias of a subject names."""
        ...

    def load(self, subject: str, version: str) -> LoadedModel:
        """Load a version that then scores as fast as ever."""
        ...


@dataclass(frozen=True)
class LineUp:
    """What one request about a subject is answered by.

    Attributes
    ----------
    champion : LoadedModel or None
        Answers.
    challenger : LoadedModel or None
        Scores in its shadow; never the champion's own version.
    """

    subject: str
    champion: LoadedModel | None = None
    challenger: LoadedModel | None = None

    def leader(self) -> LoadedModel:
        """Return the champion, or raise a 503 problem."""
        if self.champion is None:
            raise no_champion(self.subject)
        return self.champion


def no_champion(subject: str) -> Problem:
    """Say that there is nothing to score a subject with."""
    return unavailable(
        f"expected a champion of {subject} to score with, found none that loads; "
        "train and promote one (the service's log has the reason)"
    )


class Roster:
    """The line-ups of all subjects.

    Parameters
    ----------
    subjects : iterable of str
        ``shipments`` and ``crossings``.
    source : Source
        Names and loads versions.
    last_good : LastGood
        Where versions that served are kept, for when the source is out of reach.
    monotonic_s : callable
        A clock in seconds that never goes back.
    """

    def __init__(
        self,
        subjects: Iterable[str],
        source: Source,
        last_good: LastGood,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._seats = {
            subject: {
                alias: Seat(subject, alias, partial(source.load, subject), last_good, monotonic_s)
                for alias in _ALIASES
            }
            for subject in subjects
        }
        self._line_ups = {subject: LineUp(subject) for subject in self._seats}

    def line_up(self, subject: str) -> LineUp:
        """Return what a request that begins now is answered by."""
        return self._line_ups[subject]

    def troubles(self) -> list[str]:
        """Say, in words, which alias is not served as the source names it."""
        seats = [seat for by_alias in self._seats.values() for seat in by_alias.values()]
        return [f"{seat.name}: {seat.trouble}" for seat in seats if seat.trouble]

    def refresh(self) -> None:
        """Ask the source once, and put into service what it names."""
        with self._lock:
            error: Exception | None = None
            for subject, seats in self._seats.items():
                # Where it did not answer for one subject, the next need not wait for it too.
                error = error or self._ask(subject, seats)
                if error is not None:
                    for seat in seats.values():
                        seat.lose_touch(error)
                champion, challenger = (seats[alias].loaded for alias in _ALIASES)
                is_same = champion and challenger and champion.version == challenger.version
                self._line_ups[subject] = LineUp(subject, champion, None if is_same else challenger)

    def follow(self, every_s: float = POLL_S) -> threading.Thread:
        """Refresh again and again, from a thread, until told to end."""

        def keep_up() -> None:
            while not self._ended.wait(every_s):
                refreshed = attempt(self.refresh)
                if isinstance(refreshed, Failure):
                    _log.error("keeping up with the registry failed", exc_info=refreshed.error)

        thread = threading.Thread(target=keep_up, name="roster", daemon=True)
        thread.start()
        return thread

    def end(self) -> None:
        """Refresh no more."""
        self._ended.set()

    def _ask(self, subject: str, seats: Mapping[str, Seat]) -> Exception | None:
        named = attempt(partial(self._source.aliases, subject))
        if isinstance(named, Failure):
            return named.error
        for alias, seat in seats.items():
            if alias in named:
                seat.follow(named[alias])
            elif alias == CHAMPION:
                seat.outlast()
            else:
                seat.vacate()
        return None
