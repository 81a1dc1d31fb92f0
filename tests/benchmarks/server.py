"""The real service in processes of its own, on loopback, ended with all its workers.

BentoML's workers begin sessions of their own, so ending the process group of the first process
would leave them behind: they are found as its descendants before anything is ended.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import psutil

from features.home import Home
from serving.launch import serve_command, serve_environment

HOST = "127.0.0.1"
READY_S = 120
END_S = 30


@contextmanager
def served(home: Home, log: Path) -> Iterator[int]:
    """Serve a home on a free port of loopback until the block ends, then kill every process."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
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
        kill(server)


def connection(port: int) -> HTTPConnection:
    """Open a connection that stays open between requests."""
    return HTTPConnection(HOST, port, timeout=60)


def kill(server: subprocess.Popen[bytes]) -> None:
    """End a server and its descendants at once, as a power cut would."""
    family: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(server.pid)
        first.suspend()  # it must not start its workers again
        family = first.children(recursive=True)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    server.kill()
    server.wait(timeout=END_S)
    _, alive = psutil.wait_procs(family, timeout=END_S)
    assert not alive, f"expected every process of the service to have ended, {alive} have not"


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
