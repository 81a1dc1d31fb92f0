"""The option every command shares: which home it works in, before or after the subcommand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from features.home import Home

__all__ = ["HomeOption", "home_of"]

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", metavar="DIR", help="Folder of all state [default: TIDEWAITER_HOME or ./var]."
    ),
]


def home_of(context: typer.Context, option: Path | None) -> Home:
    """Find the home: the subcommand's option, the one before it, the environment, ``./var``."""
    outer = context.find_root().params.get("home")
    return Home.find(option or outer).prepare()
