"""Tables on a terminal, and in files and pipes."""

from __future__ import annotations

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

__all__ = ["print_table"]

# Wider than any table, in characters.
_UNBOUNDED = 10_000


def print_table(table: Table, *, stderr: bool = False) -> None:
    """Print a table as wide as the terminal; into a file or a pipe, as wide as it is."""
    console = Console(stderr=stderr)
    if not console.is_terminal:
        unbounded = console.options.update(max_width=_UNBOUNDED)
        console.width = max(console.width, Measurement.get(console, unbounded, table).maximum)
    console.print(table)
