"""Progress on the terminal, on standard error, so that output stays clean for the next program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

__all__ = ["counted", "shared", "staged"]


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


@contextmanager
def shared(description: str) -> Iterator[Callable[[float], None]]:
    """Show a bar; the function given takes the share done, from 0 to 1."""
    with _bar() as bar:
        task = bar.add_task(description, total=1.0)
        yield lambda share: bar.update(task, completed=share)


@contextmanager
def counted(description: str) -> Iterator[Callable[[int], None]]:
    """Count rows whose total is not known; the function given takes the rows just done."""
    with _bar() as bar:
        task = bar.add_task(description, total=None)

        def advance(rows: int) -> None:
            bar.advance(task, rows)
            bar.update(task, description=f"{description} ({int(bar.tasks[0].completed)} rows)")

        yield advance


@contextmanager
def staged() -> Iterator[Callable[[str, float], None]]:
    """Show a bar whose work has named stages; the function takes the stage and its share done."""
    with _bar() as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share)
