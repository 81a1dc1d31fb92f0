"""The whole road in one command: simulate, load, train, promote, serve, and ask for scores.

What it shows is simulated and called so. A home that already holds records keeps them: then nothing
is simulated, and the road starts at training.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
from rich.console import Console

from features.catalog import RECORDS
from features.errors import TidewaiterError
from features.home import Home
from features.printing import print_table
from features.progress import counted, shared, staged
from features.store import Store
from models.fitting import Progress
from serving.access import Access
from serving.launch import check_free, serve_command, serve_environment
from tidewaiter.loading import load
from tidewaiter.trial import Trial
from training.checks import CHANCE, EVIDENCE
from training.promotion import PromotionRefusedError, promote
from training.simulation import simulate
from training.train import TrainingResult, train

__all__ = ["run"]

_HOST = "127.0.0.1"
_READY_SECONDS = 120
_EVALUATED_DAYS = 60
_SIMULATED = (
    "The records are simulated: figures show that the road works, and nothing of any border."
)


def run(home: Home, *, days: int, seed: int, port: int, serve: bool) -> None:
    """Take a home from nothing to served, explained scores of every subject."""
    if serve:
        check_free(_HOST, port)
    console = Console(stderr=True)
    world = home.path / "simulated"
    with Store.open(home) as store:
        if any(store.holds(kind) for kind in RECORDS.values()):
            console.print("The store already holds records: nothing is simulated.")
        else:
            _fill(store, home, world, days, seed)
        since = datetime.now(UTC).date() - timedelta(days=min(_EVALUATED_DAYS, days // 4))
        subjects = _learn(store, home, since, seed, console, simulated=world.is_dir())
        key = Access(store.engine, lambda: datetime.now(UTC)).create("administrator", None, None)
    address = f"http://{_HOST}:{port}"
    trials = [Trial.of(world, one, address, key) for one in subjects] if world.is_dir() else []
    if serve:
        _serve(home, port, trials, console)
    else:
        console.print("Now `tidewaiter serve` serves it.")
        _print_curls(trials)


def _learn(  # noqa: PLR0913 - where from, where to, and how it is told
    store: Store, home: Home, since: date, seed: int, console: Console, *, simulated: bool
) -> list[str]:
    """Put a model of every subject there are records of into service; name those it went well."""
    learnt = []
    for subject, kind in RECORDS.items():
        if not store.holds(kind):
            continue
        try:
            with staged() as progress:
                result = train(
                    store,
                    home,
                    subject,
                    evaluate_from=since,
                    seed=seed,
                    progress=progress,
                    notes=(_SIMULATED,) if simulated else (),
                )
                _promote(store, home, result, progress, simulated=simulated)
        except TidewaiterError as error:  # an agency may well inspect one subject only
            console.print(f"No model of {subject}: {error}")
            continue
        learnt.append(subject)
        console.print(_figures(subject, result.version, result.metrics, simulated=simulated))
    if not learnt:
        raise TidewaiterError(f"expected records and inspections of {' or '.join(RECORDS)}")
    return learnt


def _promote(
    store: Store, home: Home, result: TrainingResult, progress: Progress, *, simulated: bool
) -> None:
    """Promote on the evidence; a simulated world too small for any is shown all the same."""
    try:
        promote(store, home, result.subject, result.version, progress=progress)
    except PromotionRefusedError as refused:
        failed = {check.name for check in refused.decision.failed}
        # Where ten offences are evidence enough, few still leave a good ranking within noise.
        is_small = EVIDENCE in failed or failed == {CHANCE}
        if not (simulated and is_small and refused.decision.ground.champion is None):
            raise
        Console(stderr=True).print(refused.decision.text(), highlight=False)
        reason = "quickstart: a simulated world too small to judge a model by"
        promote(store, home, result.subject, result.version, override=reason, progress=progress)


def _fill(store: Store, home: Home, world: Path, days: int, seed: int) -> None:
    with shared("simulating a border") as progress:
        simulate(world, days=days, end=datetime.now(UTC).date(), seed=seed, progress=progress)
    with counted("loading") as rows:
        for loaded in load(store, home, [world], progress=rows):
            Console(stderr=True).print(loaded.summary, highlight=False)


def _print_curls(trials: list[Trial]) -> None:
    if trials:
        print("\n".join(t.curl for t in trials), flush=True)  # noqa: T201 - what the command is for


def _serve(home: Home, port: int, trials: list[Trial], console: Console) -> None:
    log = home.path / "serve.log"
    # Told to end, as supervisors do, it ends what it started too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with log.open("a") as output:
        server = subprocess.Popen(  # noqa: S603 - our own command, no shell
            serve_command(_HOST, port),
            env=serve_environment(home),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with console.status("starting the service"):
            _wait_ready(port, server, log)
        for trial in trials:
            print_table(trial.asked(), stderr=True)
        console.print(f"Serving on http://{_HOST}:{port}, log in {log}. Try:\n")
        _print_curls(trials)
        console.print("\nCtrl-C ends it; `tidewaiter serve` starts it again.")
        server.wait()
    except KeyboardInterrupt:
        console.print("Stopping.")
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_ready(
    port: int,
    server: subprocess.Popen[bytes],
    log: Path,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    for _ in range(_READY_SECONDS * 4):
        if server.poll() is not None:
            raise TidewaiterError(f"the service ended with status {server.returncode}; see {log}")
        try:
            if httpx.get(f"http://{_HOST}:{port}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        sleep(0.25)
    raise TidewaiterError(f"the service was not ready after {_READY_SECONDS} s; see {log}")


def _figures(subject: str, version: str, metrics: dict[str, float], *, simulated: bool) -> str:
    kind = "simulated" if simulated else "recorded"
    shown = ", ".join(
        f"{name} {metrics[name]:.3f}"
        for name in ("precision_at_5pct", "precision_at_5pct_attainable", "roc_auc")
        if name in metrics
    )
    return f"{subject} version {version} is champion; on later, {kind} inspections: {shown}"
