"""The command line: its own commands and those of training and serving, on one home.

Libraries that take long to import wait inside the commands that need them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import serving.cli
import tidewaiter.safekeeping
import training.cli
from features.errors import TidewaiterError
from features.language import ENGLISH, LANGUAGES, language
from features.options import HomeOption, home_of

if TYPE_CHECKING:
    from features.records import Rejection

__all__ = ["app", "main"]

_SHOWN_REJECTIONS = 20
_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Score shipments and border crossings for trafficking risk, and say why.",
)
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="csv, jsonl, kcs or parquet [default: by suffix]."
    ),
]
SubjectArgument = Annotated[str, typer.Argument(help="What is scored: shipments or crossings.")]


@app.callback()
def options(home: HomeOption = None) -> None:
    """Score shipments and border crossings for trafficking risk, and say why."""


@app.command()
def load(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of them.")],
    format_name: FormatOption = None,
    home: HomeOption = None,
) -> None:
    """Check records and take them in; rejected rows are kept aside with their reasons."""
    place = home_of(context, home)
    from features.progress import counted
    from features.store import Store
    from tidewaiter.loading import load as run

    rejected = 0
    with Store.open(place) as store, counted("loading") as progress:
        for loaded in run(store, place, paths, format_name, progress):
            typer.echo(loaded.summary)
            rejected += loaded.checked.rows_rejected
            _tell_rejected(loaded.checked.path, loaded.checked.rejected)
            if loaded.kept_aside:
                typer.echo(f"rejected rows with their reasons: {loaded.kept_aside}")
    if rejected:
        raise typer.Exit(1)


@app.command()
def link(
    context: typer.Context,
    probability: Annotated[
        float,
        typer.Option(min=0.5, max=1.0, help="From which on two registrations are one party's."),
    ] = 0.9,
    home: HomeOption = None,
) -> None:
    """Find which identifiers are one party, from what is registered of parties."""
    place = home_of(context, home)
    from features.linkage import Matching
    from features.linkage import link as run
    from features.progress import staged
    from features.store import Store

    with Store.open(place) as store, staged() as progress:
        linked = run(store, datetime.now(UTC), Matching(probability), progress)
    typer.echo(
        f"{linked.parties} parties: {linked.made} links new, {linked.kept} unchanged,"
        f" {linked.withdrawn} withdrawn"
    )


@app.command()
def features(
    context: typer.Context,
    subject: SubjectArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Parquet file to write.")
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Replay history through a live store instead.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", metavar="TIME", formats=_TIMES, help="With --id: as of then, UTC."),
    ] = None,
    record_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Print one record's features.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="duckdb, or spark, which writes a folder of Parquet files.")
    ] = "duckdb",
    records: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="A Parquet file a kind of accepted, pseudonymised records [default: the store's].",
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="What DuckDB may hold, such as 4GB [default: 80 % of the machine's]; it spills.",
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write the features of every record, each at its own instant; or print those of one."""
    place = home_of(context, home)
    if (output is None) == (record_id is None):
        raise TidewaiterError("expected either -o FILE for every record or --id ID for one")
    if memory and (output is None or online or engine != "duckdb"):
        raise TidewaiterError("--memory is for tables that DuckDB writes: -o FILE, not --online")
    _check_folders(output)
    from tidewaiter import featuretable

    if output is None:
        at = as_of and as_of.replace(tzinfo=UTC)
        featuretable.print_record(place, subject, str(record_id), at)
    elif engine == "spark":
        typer.echo(featuretable.write_on_spark(place, subject, records, output))
    elif engine != "duckdb":
        raise TidewaiterError(f"--engine expects duckdb or spark, got {engine!r}")
    elif not online:
        typer.echo(featuretable.write_table(place, subject, records, output, memory))
    elif records is None:
        typer.echo(featuretable.write_replayed(place, subject, output))
    else:
        raise TidewaiterError("--online replays the store's records; it takes no --records")


@app.command()
def score(
    context: typer.Context,
    subject: SubjectArgument,
    path: Annotated[Path, typer.Argument(help="File of records.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="CSV file to write.")
    ],
    format_name: FormatOption = None,
    contributions: Annotated[
        Path | None,
        typer.Option("--contributions", metavar="FILE", help="Parquet file for every SHAP value."),
    ] = None,
    spoken: Annotated[
        str, typer.Option("--language", help=f"Language of the sentences: {', '.join(LANGUAGES)}.")
    ] = ENGLISH.code,
    home: HomeOption = None,
) -> None:
    """Score a file's records with the champion; reads the store, stores nothing."""
    place = home_of(context, home)
    from features.progress import staged
    from tidewaiter.filescoring import score_file

    words = language(spoken)
    _check_folders(output, contributions)
    with staged() as progress:
        result = score_file(place, subject, path, format_name, progress)
    scores = result.scores(words)
    scores.to_csv(output, index=False)
    if contributions is not None:
        result.contributions.to_parquet(contributions, index=False)
    typer.echo(
        f"{output}: {len(scores)} {subject} scored, {result.checked.rows_rejected} rows rejected"
    )
    _tell_rejected(path, result.checked.rejected)
    if result.checked.rejected:
        raise typer.Exit(1)


@app.command()
def replay(
    context: typer.Context,
    score_id: Annotated[str, typer.Argument(metavar="SCORE_ID", help="A score given earlier.")],
    home: HomeOption = None,
) -> None:
    """Make a stored score again from its features and its model version, to the last bit."""
    place = home_of(context, home)
    from tidewaiter.replaying import replay as run

    replayed = run(place, score_id)
    typer.echo(
        f"{replayed.score_id}: {replayed.subject} {replayed.record_id}, model version"
        f" {replayed.model_version}, features {replayed.fingerprint[:12]}"
    )
    for name, (kept, now) in replayed.figures.items():
        typer.echo(f"{name}: {kept}" if kept == now else f"{name}: {kept} was kept, {now} came")
    if replayed.differing:
        raise TidewaiterError(f"differs from what was kept: {', '.join(replayed.differing)}")
    typer.echo("the same to the last bit")


@app.command()
def quickstart(
    context: typer.Context,
    serve: Annotated[bool, typer.Option(help="Serve when all is ready.")] = True,
    days: Annotated[int, typer.Option(min=60, help="Days to simulate, up to today.")] = 365,
    seed: Annotated[int, typer.Option(help="Seed of the simulated world.")] = 0,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 3000,
    home: HomeOption = None,
) -> None:
    """Simulate a border up to today, load, train, promote, serve; ends with a working curl."""
    place = home_of(context, home)
    from tidewaiter.quickstart import run

    run(place, days=days, seed=seed, port=port, serve=serve)


def _tell_rejected(path: Path, rejected: Sequence[Rejection]) -> None:
    from tidewaiter.loading import said

    for rejection in rejected[:_SHOWN_REJECTIONS]:
        typer.echo(said(path, rejection), err=True)
    more = len(rejected) - _SHOWN_REJECTIONS
    if more > 0:
        typer.echo(f"{path}: {more} more are not shown", err=True)


def _check_folders(*files: Path | None) -> None:
    """Refuse to begin what could not be written in the end."""
    for file in files:
        if file is not None and not file.parent.is_dir():
            raise TidewaiterError(f"expected a file in a folder that is, got {file}")


app.registered_commands += (
    training.cli.app.registered_commands
    + serving.cli.app.registered_commands
    + tidewaiter.safekeeping.app.registered_commands
)
app.registered_groups += training.cli.app.registered_groups + serving.cli.app.registered_groups


def main() -> None:
    """Run the command line; errors that the user can mend end it with one line and status 1."""
    try:
        app()
    except TidewaiterError as error:
        typer.echo(f"tidewaiter: {error}", err=True)
        sys.exit(1)
