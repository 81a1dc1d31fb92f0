"""Servers in processes of their own, on loopback, ended with all their workers: ours above all."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from features.home import Home
from serving.launch import serve_command, serve_environment
from tests.processes import free_port, stop

HOST = "127.0.0.1"
READY_S = 120


@contextmanager
def served(home: Home, log: Path) -> Iterator[int]:
    """Serve a home on a free port of loopback until the block ends, then kill every process."""
    command, environment = partial(serve_command, HOST), serve_environment(home)
    with running(command, environment, log) as port:
        yield port


@contextmanager
def running(
    command: Callable[[int], list[str]],
    environment: Mapping[str, str],
    log: Path,
    ready: str = "/readyz",
) -> Iterator[int]:
    """Run a server on a free port of loopback, from when it is ready until the block ends."""
    port = free_port()
    with log.open("a") as output:
        server = subprocess.Popen(
            command(port), env=environment, cwd=log.parent, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(port, server, log, ready)
        yield port
    finally:
        stop(server, signal.SIGKILL)


def connection(port: int) -> HTTPConnection:
    """Open a connection that stays open between requests."""
    return HTTPConnection(HOST, port, timeout=60)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path, ready: str) -> None:
    deadline = time.monotonic() + READY_S
    while not _ready(port, ready):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def _ready(port: int, path: str) -> bool:
    with closing(connection(port)) as client:
        try:
            client.request("GET", path)
            return client.getresponse().status == 200
        except OSError:
            return False
