"""What the service counts and times, for Prometheus.

Invariant: every label is one of few values the project names itself; nothing a caller sends, no
identifier and no path, becomes a label. The samples of all worker processes are added up.
"""

import os
import time
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

__all__ = [
    "ADMITTED",
    "count_rejected",
    "count_scores",
    "count_shadow_fault",
    "exposition",
    "join_queue",
    "leave_queue",
    "observe_request",
    "observe_stages",
    "show_trouble",
    "show_version",
    "stage",
]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_stages = Histogram(
    "tidewaiter_stage_seconds",
    "Time in a stage: wait and validate, of each call; take_in, features, score, explain, store, of"
    " each set of calls; and, after their answers, shadow. take_in has the features of what it"
    " amends in it",
    ["stage"],
    buckets=_SECONDS,
)
_sets = Counter(
    "tidewaiter_sets",
    "Sets worked: scoring calls that came while another was worked are one set after it",
)
_scores = Counter(
    "tidewaiter_scores",
    "Scores computed and stored, by subject, channel, model version and whether they were answered"
    " by the champion (served), by the challenger (canary) or not at all (shadow)",
    ["subject", "channel", "version", "role"],
)
_shadow_faults = Counter(
    "tidewaiter_shadow_faults",
    "Calls that a version did not score in the shadow, or a canary's that the champion answered"
    " instead: failed, or left out because too much was waiting",
    ["subject", "version", "reason"],
)
_versions = Gauge(
    "tidewaiter_model_versions",
    "Worker processes in which a version is in service, by subject and alias",
    ["subject", "alias", "version"],
    multiprocess_mode="livesum",
)
_trouble = Gauge(
    "tidewaiter_model_trouble",
    "Worker processes that do not serve an alias as the registry names it; the log has the reason",
    ["subject", "alias"],
    multiprocess_mode="livesum",
)
_rejected = Counter(
    "tidewaiter_rejected_records",
    "Reasons for which records were not accepted, by kind and reason",
    ["kind", "reason"],
)
_requests = Counter(
    "tidewaiter_requests",
    "Requests answered, by method, documented path and status (0: the caller left)",
    ["method", "route", "status"],
)
_request_seconds = Histogram(
    "tidewaiter_request_seconds",
    "Time from a request's first byte to the end of its answer",
    ["method", "route"],
    buckets=_SECONDS,
)
_depth = Gauge(
    "tidewaiter_queue_depth",
    "Requests admitted and not yet answered; of these, calls that wait for their turn to compute",
    ["queue"],
    multiprocess_mode="livesum",
)
ADMITTED = _depth.labels("admitted")
_TURN = _depth.labels("turn")
# What is counted with every call is looked up by its labels once.
_stage, _scored = cache(_stages.labels), cache(_scores.labels)
_answered, _lasted = cache(_requests.labels), cache(_request_seconds.labels)
# Stages, and how many seconds they took, that are still to be observed.
_timed: deque[tuple[str, float]] = deque()


class stage:  # noqa: N801 - a context manager, as those of contextlib
    """Time a stage of a call; it is observed once nobody waits for the call's answer.

    Examples
    --------
    >>> with stage("features"):
    ...     pass
    """

    __slots__ = ("_began", "_name")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Begin."""
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        """End, also where the stage failed."""
        _timed.append((self._name, time.perf_counter() - self._began))


def observe_stages() -> None:
    """Observe what was timed since, where nobody waits; several threads may at once."""
    with suppress(IndexError):
        while True:
            name, seconds = _timed.popleft()
            _stage(name).observe(seconds)


def join_queue() -> None:
    """Count a call that waits for its turn."""
    _TURN.inc()


def leave_queue(waited_s: Sequence[float]) -> None:
    """Count calls that wait no longer, as they are worked as one set, and time their waiting."""
    _TURN.dec(len(waited_s))
    _sets.inc()
    waiting = _stage("wait")
    for seconds in waited_s:
        waiting.observe(seconds)


def count_scores(rows: Iterable[Mapping[str, Any]], role: str) -> None:
    """Count scores that were stored, given as rows of the store."""
    alike = Tally((row["subject"], row["channel"], row["model_version"]) for row in rows)
    for labels, count in alike.items():
        _scored(*labels, role).inc(count)


def count_shadow_fault(subject: str, version: str, reason: str) -> None:
    """Count a call that a version failed at, or was spared."""
    _shadow_faults.labels(subject, version, reason).inc()


def show_version(subject: str, alias: str, before: str | None, now: str | None) -> None:
    """Show that a version is in service in this process instead of another."""
    if before is not None:
        _versions.labels(subject, alias, before).set(0)
    if now is not None:
        _versions.labels(subject, alias, now).set(1)


def show_trouble(subject: str, alias: str, *, is_there: bool) -> None:
    """Show whether this process serves an alias otherwise than the registry names it."""
    _trouble.labels(subject, alias).set(is_there)


def count_rejected(kind: str, reasons: Sequence[str]) -> None:
    """Count the reasons why records of a kind were not accepted."""
    for reason in reasons:
        _rejected.labels(kind, reason).inc()


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered, and time it and the stages before."""
    _answered(method, route, status).inc()
    _lasted(method, route).observe(seconds)
    observe_stages()


def exposition(accept: str) -> tuple[bytes, str]:
    """Write all samples of all processes, as a scraper accepts them.

    Returns
    -------
    bytes, str
        The samples and their media type.
    """
    observe_stages()
    encode: Callable[[CollectorRegistry], bytes]
    encode, media_type = choose_encoder(accept)
    folder = os.environ.get(_FOLDER)
    if folder is None:
        return encode(REGISTRY), media_type
    _forget_the_dead(Path(folder))
    every = CollectorRegistry()
    MultiProcessCollector(every)  # type: ignore[no-untyped-call]
    return encode(every), media_type


def _forget_the_dead(folder: Path) -> None:
    """Drop the queues of processes that were killed: nobody waits there any more."""
    for process in {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*.db")}:
        with suppress(PermissionError):
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                mark_process_dead(process)  # type: ignore[no-untyped-call]
