"""Commands that keep the store in a file and make it again: `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from features.options import HomeOption, home_of

__all__ = ["app"]

app = typer.Typer()
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


@app.command()
def backup(context: typer.Context, file: FileArgument, home: HomeOption = None) -> None:
    """Write the store to a new file, while it is in use; the rest of the home is named."""
    place = home_of(context, home)
    from features.store.backup import backup as write  # noqa: PLC0415 - heavy

    write(place, file)
    typer.echo(f"{file}: records, scores and the hashes of keys")
    typer.echo(f"not in it, and to be kept apart from it: {place.pseudonym_path}")
    typer.echo(f"not in it: models, of {place.tracking_uri}; rejected rows, {place.rejected}")


@app.command()
def restore(context: typer.Context, file: FileArgument, home: HomeOption = None) -> None:
    """Make the store from a backup, where there is none yet."""
    place = home_of(context, home)
    from features.store import Store  # noqa: PLC0415 - heavy
    from features.store.backup import restore as read  # noqa: PLC0415 - heavy

    read(place, file)
    Store.open(place).close()
    typer.echo(f"{file}: restored")
