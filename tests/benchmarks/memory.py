"""Peak memory and time of work done in a process of its own.

The high-water mark is that of the process's own address space (``VmHWM``), reset before the work:
``getrusage`` would inherit the parent's, and tracing of Python's allocations does not see DuckDB's.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


class Cost(NamedTuple):
    """What a piece of work took: resident memory in MB, NaN where the system has no /proc."""

    seconds: float
    before_mb: float
    peak_mb: float


def cost(prepare: Callable[..., Any], work: Callable[[Any], Any], *arguments: Any) -> Cost:
    """Measure what `work` takes of what `prepare` makes of the arguments.

    Both must be importable: the child is a fresh interpreter.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_measure, args=(sender, prepare, work, arguments))
    child.start()
    sender.close()
    try:
        return Cost(*receiver.recv())
    finally:
        child.join()


def _measure(
    sender: Any,
    prepare: Callable[..., Any],
    work: Callable[[Any], Any],
    arguments: tuple[Any, ...],
) -> None:
    prepared = prepare(*arguments)
    _give_back()
    if _CLEAR.exists():
        _CLEAR.write_text(_RESET_PEAK)
    before = _read_mb("VmRSS")
    started = time.perf_counter()
    work(prepared)
    sender.send((time.perf_counter() - started, before, _read_mb("VmHWM")))


def _give_back() -> None:
    """Give freed memory back to the system, else the work would reuse it and look frugal."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def _read_mb(name: str) -> float:
    if not _STATUS.exists():
        return float("nan")
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"expected {name} in {_STATUS}")
