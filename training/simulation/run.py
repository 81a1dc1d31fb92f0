"""Simulate a customs union's records into files.

Invariant: the same seed, days, end and scale give the same bytes.
"""

import math
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from training.simulation.files import ParquetFile
from training.simulation.rhythm import Rhythm
from training.simulation.setting import create
from training.simulation.tables import SCHEMAS, closing_tables, tables
from training.simulation.world import WEEK_DAYS, weeks


def simulate(  # noqa: PLR0913 - the options of the command, each with a default
    directory: Path,
    *,
    days: int = 365,
    end: date,
    seed: int = 0,
    scale: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> dict[str, int]:
    """Write a Parquet file a kind of record, and beside them the truth nobody knew.

    Parameters
    ----------
    directory
        Where to write a file a kind of record, such as ``crossings.parquet``, and the files of
        ``truth/``; files of these names are replaced.
    days
        How many days to simulate.
    end
        The day after the last simulated one: nothing is known at or after its midnight, UTC.
    seed
        Which world to draw.
    scale
        Size of the world: 1 gives about 100,000 goods items a year.
    progress
        Called with the share done, from 0 to 1.

    Returns
    -------
    dict of str to int
        The rows written, by kind of record; the truth is not a kind.

    Raises
    ------
    ValueError
        When `days` or `seed` or `scale` is out of range.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     rows = simulate(Path(folder), days=14, end=date(2025, 6, 1), scale=0.1)
    >>> sorted(rows)
    ['crossings', 'declarations', 'inspections', 'movements', 'parties', 'payments']
    """
    check_size(days, seed, scale)
    world = create(Rhythm(end, days), seed, scale)
    total = math.ceil(days / WEEK_DAYS)
    with ExitStack() as stack:
        files = {kind: stack.enter_context(_open(directory, kind)) for kind in SCHEMAS}
        for week in weeks(world):
            written = tables(world, week)
            if week.index + 1 == total:
                written |= closing_tables(world, week)
            for kind, table in written.items():
                files[kind].append(table)
            if progress is not None:
                progress((week.index + 1) / total)
    return {kind: file.rows for kind, file in files.items() if "/" not in kind}


def check_size(days: int, seed: int, scale: float) -> None:
    """Check the options of a simulation.

    Raises
    ------
    ValueError
        Naming the option, what was expected and what came.
    """
    if days < 1:
        raise ValueError(f"days: expected at least 1, got {days}")
    if seed < 0:
        raise ValueError(f"seed: expected zero or a positive whole number, got {seed}")
    if not (0 < scale < math.inf):
        raise ValueError(f"scale: expected a positive number, got {scale}")


def _open(directory: Path, kind: str) -> ParquetFile:
    return ParquetFile(directory / f"{kind}.parquet", SCHEMAS[kind])
