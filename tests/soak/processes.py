"""The processes of a service under load: its worker, which may be killed, and their memory."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import psutil

_WORKER = "_bentoml_impl.worker.service"
_EVERY_S = 0.5


def worker(port: int) -> psutil.Process | None:
    """Find the worker of the service on a port, where it has one now."""
    for process in psutil.Process().children():
        if str(port) in _command(process):
            for child in process.children():
                if _WORKER in _command(child):
                    return child
    return None


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # or a zombie, which is killed and not yet mourned
        return []


class Memory:
    """Resident memory of each worker over time, in MB."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stop = threading.Event()
        self.samples: dict[int, list[tuple[float, float]]] = defaultdict(list)

    @contextmanager
    def watched(self) -> Iterator[Memory]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_S):
            found = worker(self._port)
            if found is not None:
                try:
                    used = found.memory_info().rss / 1e6
                except psutil.NoSuchProcess:
                    continue
                self.samples[found.pid].append((time.monotonic(), used))

    def growth(self) -> dict[int, tuple[float, float, float]]:
        """Fit a line to the second half of each worker's life under load.

        Returns
        -------
        dict of int to tuple
            By process: how many seconds the half lasted, MB at its beginning, and MB a minute.
        """
        fitted = {}
        for process, samples in self.samples.items():
            seconds, used = np.array(samples[len(samples) // 2 :]).T
            if len(seconds) > 1:
                slope, begin = np.polyfit(seconds - seconds[0], used, 1)
                lasted = float(seconds[-1] - seconds[0])
                fitted[process] = (lasted, float(begin), 60 * float(slope))
        return fitted
