"""How the service is started: the command and the environment of `bentoml serve`.

Invariant: what a home needs to be served is in the environment alone, so that any supervisor can
start it the same way.
"""

import os
import socket
import sys
from pathlib import Path

import serving
from features.errors import TidewaiterError
from features.home import Home

SERVICE = "serving.service:TidewaiterService"
# Longer than any request may take: told to end, the service first finishes what it accepted.
_ENDING_SECONDS = 60
# A worker computes in one thread at a time, but dozens take their turns, and the C library would
# give each a heap of its own: what one has freed the next could not use, and memory would grow for
# hours. With two, twice as much lay idle after minutes of load as with one, and no call was faster.
_ONE_HEAP = {"MALLOC_ARENA_MAX": "1"}


def check_free(host: str, port: int) -> None:
    """Refuse a port that another service listens on, before anything of that one is touched.

    Raises
    ------
    TidewaiterError
        Where the address cannot be listened on.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise TidewaiterError(
            f"expected to listen on port {port} of {host}: {error.strerror}"
        ) from error


def serve_command(host: str, port: int) -> list[str]:
    """Write the command that serves; the first word is this Python."""
    root = Path(serving.__file__).parents[1]
    where = ["--host", host, "--port", str(port), "--working-dir", str(root)]
    ending = ["--timeout-graceful-shutdown", str(_ENDING_SECONDS)]
    return [sys.executable, "-m", "bentoml", "serve", SERVICE, *where, *ending]


def serve_environment(home: Home) -> dict[str, str]:
    """Write the environment to serve a home with, telemetry off and memory bounded."""
    home.prepare()
    return {**_ONE_HEAP, **os.environ, "TIDEWAITER_HOME": str(home.path)}
