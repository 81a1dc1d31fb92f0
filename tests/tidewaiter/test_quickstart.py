"""The job while it serves: who ends it ends what it started."""

import signal
import sys
from functools import partial

import pytest
from rich.console import Console

from features.home import Home
from tidewaiter import quickstart


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_ends_the_service_it_started(tmp_path, monkeypatch, request, number):
    for each in (signal.SIGINT, signal.SIGTERM):
        request.addfinalizer(partial(signal.signal, each, signal.getsignal(each)))
    # As in a process of its own: Spark, where it was tested before, waits for SIGINT too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started = []

    def told_to_end(_port, server, _log):
        started.append(server)
        signal.raise_signal(number)

    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(quickstart, "serve_command", lambda _host, _port: sleeper)
    monkeypatch.setattr(quickstart, "_wait_ready", told_to_end)
    quickstart._serve(Home(tmp_path).prepare(), 3000, [], Console(stderr=True))
    (server,) = started
    assert server.returncode == -signal.SIGTERM
