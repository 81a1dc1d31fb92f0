"""Starting long commands and ending them, with everything they started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_END_SECONDS = 30


def free_port() -> int:
    """Find a loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def family(process: subprocess.Popen) -> list[psutil.Process]:
    """List a process and all that descend from it."""
    head = psutil.Process(process.pid)
    return [head, *head.children(recursive=True)]


@contextmanager
def started(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator:
    """Run a command in a process group of its own, its output in files; kill what is left."""
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=err, start_new_session=True
        )
    try:
        yield process
    finally:
        stop(process, signal.SIGKILL)


def stop(process: subprocess.Popen, number: int) -> list[psutil.Process]:
    """Signal a process and its family, and give those that outlive it, which are then killed.

    A service's workers are in groups of their own, so that signalling one group would not do.
    """
    if process.poll() is not None:
        return []
    everyone = family(process)
    if number == signal.SIGKILL:
        everyone[0].suspend()  # it must not start its workers again
        everyone = family(process)
        for one in everyone:
            _kill(one)
    else:
        os.killpg(process.pid, number)
    process.wait(timeout=_END_SECONDS)
    _, alive = psutil.wait_procs(everyone[1:], timeout=_END_SECONDS)
    for one in alive:
        _kill(one)
    return alive


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.kill()


def wait_until(true: Callable[[], bool], process: subprocess.Popen, seconds: float, log: Path):
    """Wait until something holds; a process that ended before that is a failure."""
    deadline = time.monotonic() + seconds
    while not true():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
