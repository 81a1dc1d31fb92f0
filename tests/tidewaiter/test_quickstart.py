"""The job while it serves: who ends it ends what it started."""

import signal
import sys
from functools import partial
from types import SimpleNamespace

import pytest
from rich.console import Console

from features.home import Home
from tidewaiter import quickstart
from training.decision import Check, Decision, Ground
from training.promotion import PromotionRefusedError


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


@pytest.mark.parametrize(
    ("failed", "simulated", "champion", "is_shown"),
    [
        (["enough evidence", "calibration"], True, None, True),
        (["better than chance"], True, None, True),
        (["calibration", "better than chance"], True, None, False),
        (["better than chance"], False, None, False),
        (["enough evidence"], True, "1", False),
    ],
)
def test_only_a_simulated_world_too_small_to_judge_by_is_shown_all_the_same(
    monkeypatch, failed, simulated, champion, is_shown
):
    ground = Ground("crossings", "1", "1", champion, champion, "2026-11-15", 243, 11)
    refusal = Decision(ground, tuple(Check(name, False, "") for name in failed), "2026-11-30")
    reasons = []

    def promote(*_, override=None, **__):
        reasons.append(override)
        if override is None:
            raise PromotionRefusedError(refusal)

    monkeypatch.setattr(quickstart, "promote", promote)
    result = SimpleNamespace(subject="crossings", version="1")
    try:
        quickstart._promote(None, None, result, None, simulated=simulated)
    except PromotionRefusedError:
        assert not is_shown
    assert [reason is not None for reason in reasons] == [False, True][: 1 + is_shown]
