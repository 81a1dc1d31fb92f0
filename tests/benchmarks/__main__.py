"""Run benchmarks: all of them, or those named.

``python -m tests.benchmarks [NAME...] [--rows N] [--rounds N] [--seed S] [--folder DIR]``
"""

from __future__ import annotations

import argparse
import tempfile
from importlib import import_module
from pathlib import Path

from rich.console import Console

from features.home import Home
from tests.benchmarks.harness import Options, show

BENCHMARKS = (
    "batch_features",
    "batch_files",
    "live_features",
    "intake",
    "explanation",
    "scoring",
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("make bench", description="Every benchmark, or those named.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rows", type=int, help="goods items to simulate [each its own default]")
    parser.add_argument("--rounds", type=int, help="how often each contender's turn comes")
    parser.add_argument("--seed", type=int, default=0, help="of the simulated world")
    parser.add_argument("--folder", type=Path, help="where the databases lie: the disk measured")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"expected some of {', '.join(BENCHMARKS)}; got {', '.join(unknown)}")
    return given


def main() -> None:
    given = arguments()
    notes = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="tidewaiter-bench-", dir=given.folder) as folder:
        Home(Path(folder) / "quiet").prepare()
        options = Options(given.rows, given.rounds, given.seed, Path(folder))
        for name in given.names or BENCHMARKS:
            with notes.status(f"{name}"):
                result = import_module(f"tests.benchmarks.{name}").run(options)
            show(result)


if __name__ == "__main__":
    main()
