"""The whole road in one command: simulate, load, train, promote, serve, and ask for a score.

What it shows is simulated and called so. A home that already holds records keeps them: then nothing
is simulated, and the road starts at training.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
from rich.console import Console
from rich.table import Table

from features.errors import TidewaiterError
from features.home import Home
from features.progress import counted, shared, staged
from features.store import Store
from models.fitting import Progress
from serving.access import Access
from serving.launch import serve_command, serve_environment
from tidewaiter.loading import load
from training.checks import EVIDENCE
from training.promotion import PromotionRefusedError, promote
from training.simulation import simulate
from training.train import train

__all__ = ["run"]

_HOST = "127.0.0.1"
_READY_SECONDS = 120
_RECENT = timedelta(days=30)
_EVALUATED_DAYS = 60
_SIMULATED = (
    "The records are simulated: figures show that the road works, and nothing of any border."
)
_SENT = (
    "importer_id",
    "exporter_id",
    "declarant_id",
    "carrier_id",
    "office_id",
    "hs_code",
    "origin_country",
    "departure_country",
    "transport_mode",
    "net_mass_kg",
    "gross_mass_kg",
    "customs_value",
    "currency",
    "duty_rate_pct",
)


def run(home: Home, *, days: int, seed: int, port: int, serve: bool) -> None:
    """Take a home from nothing to a served, explained score."""
    console = Console(stderr=True)
    world = home.path / "simulated"
    with Store.open(home) as store:
        if store.holds("declarations"):
            console.print("The store already holds records: nothing is simulated.")
        else:
            _fill(store, home, world, days, seed)
        with staged() as progress:
            since = datetime.now(UTC).date() - timedelta(days=min(_EVALUATED_DAYS, days // 4))
            result = train(
                store,
                home,
                "shipments",
                evaluate_from=since,
                seed=seed,
                progress=progress,
                notes=(_SIMULATED,) if world.is_dir() else (),
            )
            _promote(store, home, result.version, progress, simulated=world.is_dir())
        key = Access(store.engine, lambda: datetime.now(UTC)).create("administrator", None, None)
    console.print(_figures(result.version, result.metrics, simulated=world.is_dir()))
    example = _example(world) if world.is_dir() else None
    if not serve:
        console.print("Now `tidewaiter serve` serves it.")
        _print_curl(port, key, example)
        return
    _serve(home, port, key, example, console)


def _promote(
    store: Store, home: Home, version: str, progress: Progress, *, simulated: bool
) -> None:
    """Promote on the evidence; a simulated world too small for any is shown all the same."""
    try:
        promote(store, home, "shipments", version, progress=progress)
    except PromotionRefusedError as refused:
        lacking = EVIDENCE in {check.name for check in refused.decision.failed}
        if not (simulated and lacking and refused.decision.ground.champion is None):
            raise
        Console(stderr=True).print(refused.decision.text(), highlight=False)
        reason = "quickstart: a simulated world too small to judge a model by"
        promote(store, home, "shipments", version, override=reason, progress=progress)


def _fill(store: Store, home: Home, world: Path, days: int, seed: int) -> None:
    with shared("simulating a border") as progress:
        simulate(world, days=days, end=datetime.now(UTC).date(), seed=seed, progress=progress)
    with counted("loading") as rows:
        for loaded in load(store, home, [world], progress=rows):
            Console(stderr=True).print(loaded.summary, highlight=False)


def _example(world: Path) -> dict[str, Any]:
    """Make a new declaration of a trader with a history, as a partner system would send it."""
    declared = pd.read_parquet(world / "declarations.parquet")
    recent = declared[declared["known_at"] > declared["known_at"].max() - _RECENT]
    busiest = declared["importer_id"].value_counts()
    row = recent.loc[recent["importer_id"].map(busiest).idxmax()]
    sent = {name: row[name] for name in _SENT if not pd.isna(row[name])}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    plain = {
        name: value.item() if hasattr(value, "item") else value for name, value in sent.items()
    }
    return {"declaration_id": "QUICKSTART-1", "item_number": 1, "occurred_at": now, **plain}


def _print_curl(port: int, key: str, example: dict[str, Any] | None) -> None:
    if example is None:
        return
    body = json.dumps({"records": [example]})
    address = f"http://{_HOST}:{port}/v1/shipments/score"
    print(  # noqa: T201 - this is what the command is for
        f"curl -s {address} -H 'Authorization: Bearer {key}'"
        f" -H 'Content-Type: application/json' -d {shlex.quote(body)}",
        flush=True,
    )


def _serve(
    home: Home, port: int, key: str, example: dict[str, Any] | None, console: Console
) -> None:
    log = home.path / "serve.log"
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
        if example is not None:
            console.print(_asked(port, key, example))
        console.print(f"Serving on http://{_HOST}:{port}, log in {log}. Try:\n")
        _print_curl(port, key, example)
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


def _asked(port: int, key: str, example: dict[str, Any]) -> Table:
    """Ask for a score as the printed curl does, and lay the answer out."""
    answer = httpx.post(
        f"http://{_HOST}:{port}/v1/shipments/score",
        json={"records": [example]},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
    if not answer.is_success or not answer.json()["scores"]:
        raise TidewaiterError(f"the service answered {answer.status_code}: {answer.text}")
    score = answer.json()["scores"][0]
    table = Table(
        title=f"{score['id']}: risk {score['risk']:.3f}, channel {score['channel']} (simulated)"
    )
    table.add_column("reason")
    table.add_column("log-odds", justify="right")
    for reason in score["reasons"]:
        table.add_row(reason["text"], f"{reason['contribution']:+.3f}")
    table.add_row("everything else", f"{score['other_contribution']:+.3f}")
    table.add_row("base value", f"{score['base_value']:+.3f}")
    table.add_row("sum", f"{score['log_odds']:+.3f}")
    return table


def _figures(version: str, metrics: dict[str, float], *, simulated: bool) -> str:
    kind = "simulated" if simulated else "recorded"
    shown = ", ".join(
        f"{name} {metrics[name]:.3f}"
        for name in ("precision_at_5pct", "precision_at_5pct_attainable", "roc_auc")
        if name in metrics
    )
    return f"shipments version {version} is champion; on later, {kind} inspections: {shown}"
