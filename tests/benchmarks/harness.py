"""Timing contenders side by side, and saying what was seen.

The contenders of one run take turns, so that whatever else the machine does falls on all of them;
the median over the rounds counts. Ratios are the result: absolute figures belong to the machine
they were seen on. Nothing here passes or fails by time.
"""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from features.printing import print_table


@dataclass(frozen=True)
class Options:
    """What the command line asked for; None leaves it to the benchmark."""

    rows: int | None = None
    rounds: int | None = None
    seed: int = 0
    folder: Path | None = None


@dataclass(frozen=True)
class Contender:
    """Work to time.

    Parameters
    ----------
    name : as it stands in the table.
    run : called with the number of the round, 0 for the first of the warm-up.
    units : how much one call does, in the benchmark's unit.
    """

    name: str
    run: Callable[[int], object]
    units: float = 1.0


@dataclass(frozen=True)
class Timing:
    """Seconds that each call of a contender took, in the order of the rounds."""

    name: str
    units: float
    seconds: tuple[float, ...]

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)

    @property
    def unit_s(self) -> float:
        """Median seconds for one unit of the work."""
        return self.median_s / self.units

    @property
    def spread(self) -> tuple[float, float]:
        """Fastest and slowest tenth, in seconds."""
        ordered = sorted(self.seconds)
        last = len(ordered) - 1
        return ordered[round(0.1 * last)], ordered[round(0.9 * last)]

    def to_json(self) -> dict[str, Any]:
        low, high = self.spread
        return {
            "units": self.units,
            "calls": len(self.seconds),
            "median_s": self.median_s,
            "p10_s": low,
            "p90_s": high,
            "unit_s": self.unit_s,
        }


@dataclass(frozen=True)
class Result:
    """What a benchmark saw.

    Attributes
    ----------
    unit : what the units of the contenders are.
    sizes : how much there was to work on.
    ratios : by name; the result.
    facts : figures that are no times, such as memory.
    """

    benchmark: str
    unit: str
    sizes: Mapping[str, int]
    timings: Mapping[str, Timing]
    ratios: Mapping[str, float]
    facts: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "benchmark": self.benchmark,
            "records": "simulated",
            "sizes": dict(self.sizes),
            "unit": self.unit,
            "ratios": dict(self.ratios),
            "timings": {name: timing.to_json() for name, timing in self.timings.items()},
            "facts": dict(self.facts),
            "python": platform.python_version(),
            "machine": platform.machine(),
        }


def alternate(
    contenders: Sequence[Contender],
    rounds: int,
    warm_up: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Timing]:
    """Let the contenders take turns; the rounds of the warm-up do not count."""
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(warm_up + rounds):
        for contender in contenders:
            started = clock()
            contender.run(number)
            took = clock() - started
            if number >= warm_up:
                seconds[contender.name].append(took)
    return {
        contender.name: Timing(contender.name, contender.units, tuple(seconds[contender.name]))
        for contender in contenders
    }


def show(result: Result) -> None:
    """Print a result as a table and as one line of JSON."""
    sizes = ", ".join(f"{size:,} {name}" for name, size in result.sizes.items())
    table = Table(title=f"{result.benchmark} (simulated: {sizes})", title_justify="left")
    table.add_column("contender", no_wrap=True)
    for heading in ("calls", "median", "10 % .. 90 %", f"a {result.unit}"):
        table.add_column(heading, justify="right", no_wrap=True)
    for timing in result.timings.values():
        low, high = timing.spread
        cells = (said(timing.median_s), f"{said(low)} .. {said(high)}", said(timing.unit_s))
        table.add_row(timing.name, str(len(timing.seconds)), *cells)
    for figures in (result.ratios, result.facts):
        table.add_section()
        for name, value in figures.items():
            table.add_row(name, "", f"{value:,.2f}")
    print_table(table)
    line = json.dumps(result.to_json())
    Console().print(line, soft_wrap=True, highlight=False, markup=False)


def said(seconds: float) -> str:
    """Say a duration in the unit that suits it.

    Examples
    --------
    >>> said(0.0000123), said(0.0456), said(12.3)
    ('12.3 us', '45.6 ms', '12.3 s')
    """
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.2g} us"
