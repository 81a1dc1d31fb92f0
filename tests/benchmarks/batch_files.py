"""Features from Parquet to Parquet, of a world and of one four times its size.

Each turn is a process of its own, which gives its memory back: its peak is the engine's, records
and table included. A file is read and written in it, as `tidewaiter features --records` does, where
DuckDB may hold no more than some memory: the larger world needs more, and spills.
"""

from __future__ import annotations

from pathlib import Path

from features.files import feature_file
from tests.benchmarks.harness import Options, Result, Timing
from tests.benchmarks.memory import Cost, cost
from tests.benchmarks.worlds import simulated

ROWS = 1_000_000
TIMES = 4
MEMORY = "4GB"


def run(options: Options) -> Result:
    assert options.folder is not None
    small, large = "the world", f"{TIMES} times its size"
    rows = options.rows or ROWS
    costs: dict[str, list[Cost]] = {}
    for _ in range(options.rounds or 1):
        for name, times in ((small, 1), (large, TIMES)):
            world = simulated(options.folder, times * rows, options.seed)
            costs.setdefault(name, []).append(cost(_paths, _write, world))
    timings = {
        name: Timing(name, units, tuple(cost.seconds for cost in costs[name]))
        for name, units in ((small, 1.0), (large, float(TIMES)))
    }
    return Result(
        "batch_files",
        "world",
        {"items": rows, "items in the larger": TIMES * rows},
        timings,
        {f"{large} / {small}": timings[large].median_s / timings[small].median_s},
        {f"peak MB: {name}": max(one.peak_mb for one in costs[name]) for name in costs},
    )


def _paths(world: Path) -> Path:
    return world


def _write(world: Path) -> None:
    output = world / "features.parquet"
    feature_file("shipments", world, output, memory=MEMORY)
    output.unlink()
