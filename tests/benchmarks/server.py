"""The real service in processes of its own, on loopback, ended with all its workers."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
    port = free_port()
    with log.open("a") as output:
        server = subprocess.Popen(
            serve_command(HOST, port),
            env=serve_environment(home),
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(port, server, log)
        yield port
    finally:
        stop(server, signal.SIGKILL)


def connection(port: int) -> HTTPConnection:
    """Open a connection that stays open between requests."""
    return HTTPConnection(HOST, port, timeout=60)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while not _ready(port):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def _ready(port: int) -> bool:
    with closing(connection(port)) as client:
        try:
            client.request("GET", "/readyz")
            return client.getresponse().status == 200
        except OSError:
            return False
