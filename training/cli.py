"""Commands that learn: train, evaluate, promote and simulate."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from features.home import Home
from features.options import HomeOption, home_of
from features.progress import staged

app = typer.Typer(no_args_is_help=True)

SubjectArgument = Annotated[str, typer.Argument(help="What is scored: shipments or crossings.")]
DayOption = Annotated[
    datetime | None,
    typer.Option(
        "--evaluate-from",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        help="First day of the evaluation [default: start of the last quarter with outcomes].",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]


@app.command()
def train(
    context: typer.Context,
    subject: SubjectArgument,
    evaluate_from: DayOption = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Then fit again on everything known and register that.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of every random draw.")] = 0,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Dask scheduler whose workers grow the trees, or 'local' to start two here.",
        ),
    ] = None,
    tune: Annotated[
        float | None,
        typer.Option(
            metavar="MINUTES",
            min=0.0,
            help="First search for better settings this long; a stopped search goes on.",
        ),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Fit a model on past records and inspections, evaluate it on later ones, register it."""
    place = home_of(context, home)
    from features.store import Store
    from training.train import train as run

    with Store.open(place) as store, staged() as progress:
        result = run(
            store,
            place,
            subject,
            evaluate_from=evaluate_from.date() if evaluate_from else None,
            refit=refit,
            seed=seed,
            progress=progress,
            cluster=cluster,
            tune_minutes=tune,
        )
    _print(result.to_json(), as_json, f"{subject} version {result.version}")


@app.command()
def evaluate(
    context: typer.Context,
    subject: SubjectArgument,
    version: Annotated[
        str | None, typer.Option(metavar="V", help="Registered version [default: the champion].")
    ] = None,
    evaluate_from: DayOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Judge a registered version by what inspections found."""
    place = home_of(context, home)
    from features.store import Store
    from training.evaluate import evaluate as run

    with Store.open(place) as store, staged() as progress:
        progress("evaluating", 0.0)
        day = evaluate_from.date() if evaluate_from else None
        figures = run(store, place, subject, version=version, evaluate_from=day)
    _print(figures, as_json, f"{subject} version {figures['version']}")
    if not figures["out_of_sample"]:
        typer.echo("The model has seen part of this period: the figures flatter it.", err=True)


@app.command()
def ablate(
    context: typer.Context,
    subject: SubjectArgument,
    evaluate_from: DayOption = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The truth/ of the simulated world that was loaded: judge by it too.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every random draw.")] = 0,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Fit with one family of records more at a time, and say what each adds."""
    place = home_of(context, home)
    from features.store import Store
    from models import FitSettings
    from training.ablate import ablate as run

    with Store.open(place) as store, staged() as progress:
        result = run(
            store,
            place,
            subject,
            evaluate_from=evaluate_from.date() if evaluate_from else None,
            truth=truth,
            settings=FitSettings(seed=seed),
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(result.to_json(), allow_nan=False))
        return
    from features.printing import print_table
    from training.tables import rows_table

    for name, rows in result.to_json().items():
        if isinstance(rows, list):
            title = f"{subject}, {name.replace('_', ' ')}, evaluated from {result.evaluate_from}"
            print_table(rows_table(rows, title))


@app.command()
def promote(
    context: typer.Context,
    subject: SubjectArgument,
    version: Annotated[
        str, typer.Argument(help="The registered version; `none` ends a challenge.")
    ],
    alias: Annotated[
        Literal["champion", "challenger"],
        typer.Option("--as", help="A challenger scores in the champion's shadow, unchecked."),
    ] = "champion",
    override: Annotated[
        str | None, typer.Option(metavar="REASON", help="Why, if against a check; recorded.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Put a registered version into service, if it is no worse than the champion."""
    place = home_of(context, home)
    from features.store import Store
    from training.promotion import promote as run

    if alias == "challenger":
        typer.echo(_challenged(place, subject, version))
        return
    with Store.open(place) as store, staged() as progress:
        decision = run(store, place, subject, version, override=override, progress=progress)
    typer.echo(decision.text(), err=True)
    typer.echo(f"{subject} version {version} is champion")


def _challenged(place: Home, subject: str, version: str) -> str:
    from models.registry import Registry
    from training.challenge import challenge, stand_down
    from training.promotion import utc_now

    registry = Registry(place)
    if version == "none":
        ended = stand_down(registry, subject)
        return f"{subject} version {ended} challenges no more" if ended else "nothing to end"
    challenge(registry, subject, version, utc_now)
    return f"{subject} version {version} is challenger"


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    days: Annotated[int, typer.Option(help="Days of records.")] = 365,
    end: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Day after the last record [default: today, UTC].",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed and end, same bytes.")] = 0,
    scale: Annotated[float, typer.Option(help="Multiplies the volume of trade.")] = 1.0,
) -> None:
    """Write a simulated world: a Parquet file a kind of record, and the hidden truth."""
    from features.errors import TidewaiterError
    from training.simulation import simulate as run

    last = (end or datetime.now(UTC)).date()
    try:
        with staged() as progress:
            counts = run(
                folder,
                days=days,
                end=last,
                seed=seed,
                scale=scale,
                progress=lambda share: progress("simulating", share),
            )
    except ValueError as error:
        raise TidewaiterError(str(error)) from error
    for kind, rows in counts.items():
        typer.echo(f"{kind}: {rows} simulated rows in {folder}")


def _print(figures: dict[str, Any], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(figures, allow_nan=False))
        return
    from features.printing import print_table
    from training.tables import figures_table

    print_table(figures_table(figures, title))
