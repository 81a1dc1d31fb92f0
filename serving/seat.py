"""One alias of one subject, and the version that serves under it.

Invariant: a version serves once it was loaded and has scored an example, and until another has;
what does not load changes nothing but what is said of it.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from features.errors import TidewaiterError
from models.registry import CHAMPION, LoadedModel
from serving.attempt import Failure, attempt
from serving.metrics import show_trouble, show_version

__all__ = ["LastGood", "Seat"]

_RETRY_S = (5.0, 60.0)
_REPEAT_S = 60.0
_log = logging.getLogger(__name__)


class LastGood(Protocol):
    """Where the version that last served under an alias is kept."""

    def keep(self, subject: str, alias: str, loaded: LoadedModel) -> None:
        """Keep a version instead of the one before."""
        ...

    def find(self, subject: str, alias: str) -> LoadedModel | None:
        """Load the version kept, if there is a whole one."""
        ...

    def forget(self, subject: str, alias: str) -> None:
        """Keep none."""
        ...


class Seat:
    """The version that an alias names, loaded, or else the last one that was good.

    Parameters
    ----------
    subject, alias : str
        Such as ``shipments`` and ``champion``.
    load : callable
        Loads a version and scores an example with it, or raises whatever prevents that.
    last_good : LastGood
        Where versions that served are kept.
    monotonic_s : callable
        A clock in seconds that never goes back.
    """

    def __init__(
        self,
        subject: str,
        alias: str,
        load: Callable[[str], LoadedModel],
        last_good: LastGood,
        monotonic_s: Callable[[], float],
    ) -> None:
        self.subject = subject
        self.alias = alias
        self.loaded: LoadedModel | None = None
        self.trouble: str | None = None
        self._load = load
        self._last_good = last_good
        self._monotonic_s = monotonic_s
        self._is_copy = self._sought_copy = False
        self._failed: str | None = None
        self._failures = 0
        self._again_s = float("-inf")
        self._said_s = float("-inf")

    def follow(self, wanted: str) -> None:
        """Serve the version that the alias names now, if it can be served."""
        serving = None if self.loaded is None else self.loaded.version
        if wanted == serving and not self._is_copy:
            self._is_well()
        elif wanted != self._failed or self._monotonic_s() >= self._again_s:
            self._try(wanted)

    def lose_touch(self, error: Exception) -> None:
        """Go on without a word of the registry, from a copy where nothing was loaded yet."""
        self._failed = None
        self._make_do("the registry does not answer", error)

    def outlast(self) -> None:
        """Go on though no version is named any more: whoever asks must be answered."""
        if self.loaded is None:
            self._is_well()
        else:
            self._make_do(f"the registry names no {self.alias} any more")

    def vacate(self) -> None:
        """Serve no version: the alias was taken away on purpose."""
        self._show(None)
        self.loaded, self._is_copy = None, False
        self._last_good.forget(self.subject, self.alias)
        self._is_well()

    def _try(self, wanted: str) -> None:
        loaded = attempt(partial(self._load, wanted))
        if isinstance(loaded, Failure):
            self._failures = self._failures + 1 if wanted == self._failed else 1
            self._failed = wanted
            first, longest = _RETRY_S
            self._again_s = self._monotonic_s() + min(first * 2 ** (self._failures - 1), longest)
            self._make_do(f"version {wanted} does not load", loaded.error)
        else:
            self._take(loaded, is_copy=False)
            self._is_well()
            self._keep(loaded)

    def _make_do(self, trouble: str, error: Exception | None = None) -> None:
        if self.loaded is None and not self._sought_copy:
            self._sought_copy = True
            self._take_copy()
        if self.loaded is not None:
            copied = "its copy of " * self._is_copy
            self._is_unwell(f"{trouble}; {copied}version {self.loaded.version} serves on", error)
        elif self.alias == CHAMPION or self._failed is not None:
            self._is_unwell(f"{trouble}; none serves", error)

    def _take_copy(self) -> None:
        kept = attempt(partial(self._last_good.find, self.subject, self.alias))
        if isinstance(kept, Failure):
            self._say("its copy does not load", kept.error)
        elif kept is not None:
            self._take(kept, is_copy=True)

    def _keep(self, loaded: LoadedModel) -> None:
        kept = attempt(partial(self._last_good.keep, self.subject, self.alias, loaded))
        if isinstance(kept, Failure):
            self._say("no copy of it could be kept", kept.error)

    def _take(self, loaded: LoadedModel, *, is_copy: bool) -> None:
        self._show(loaded.version)
        self.loaded, self._is_copy = loaded, is_copy
        _log.info("version %s serves as the %s", loaded.version, self.name)

    def _show(self, version: str | None) -> None:
        before = None if self.loaded is None else self.loaded.version
        show_version(self.subject, self.alias, before, version)

    def _is_well(self) -> None:
        self._failed, self.trouble = None, None
        show_trouble(self.subject, self.alias, is_there=False)

    def _is_unwell(self, trouble: str, error: Exception | None) -> None:
        """Say so, once for as long as it is the same, and then every minute."""
        show_trouble(self.subject, self.alias, is_there=True)
        now = self._monotonic_s()
        if trouble != self.trouble or now >= self._said_s + _REPEAT_S:
            self._say(trouble, error)
            self._said_s = now
        self.trouble = trouble

    def _say(self, trouble: str, error: Exception | None) -> None:
        """Write an error down: one of ours in full, of another its type and places only.

        Another's text may hold the key of an address.
        """
        why = f": {error}" if isinstance(error, TidewaiterError) else ""
        _log.error("%s: %s%s", self.name, trouble, why, exc_info=error)

    @property
    def name(self) -> str:
        """Such as ``champion of shipments``."""
        return f"{self.alias} of {self.subject}"
