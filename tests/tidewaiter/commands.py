"""The command line as a user types it, on a home of its own, in this process or in another.

Another process is what a user runs, and takes seconds to import what this one has imported.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from tidewaiter import cli

Ran = subprocess.CompletedProcess[str]
TIDEWAITER = (sys.executable, "-m", "tidewaiter")
# What would point a command at another installation than the one it is given.
ELSEWHERE = ("TIDEWAITER_HOME", "TIDEWAITER_DATABASE_URL", "MLFLOW_TRACKING_URI", "BENTOML_HOME")


def environment(**more: str) -> dict[str, str]:
    """Write the environment of a user, wide enough that no line is folded."""
    plain = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return plain | {"COLUMNS": "200", "NO_COLOR": "1"} | more


def in_another_process(words: list[str], folder: Path, environment: dict[str, str]) -> Ran:
    """Run a command as a user does."""
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def in_this_process(words: list[str], folder: Path, environment: dict[str, str]) -> Ran:
    """Run a command in what is imported already: its folder, environment and words are its own."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["tidewaiter", *words[len(TIDEWAITER) :]]
    with (
        contextlib.chdir(folder),
        patch.dict(os.environ, environment, clear=True),
        patch.object(sys, "argv", arguments),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as ended:
            status = ended.code or 0
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class CommandLine:
    """The command line on one home."""

    home: Path
    environment: dict[str, str] = field(default_factory=environment)
    run: Callable[[list[str], Path, dict[str, str]], Ran] = in_this_process

    def words(self, *arguments: object) -> list[str]:
        """Write a command, the home before the subcommand."""
        return [*TIDEWAITER, "--home", str(self.home), *map(str, arguments)]

    def __call__(self, *arguments: object, status: int = 0) -> Ran:
        """Run a command to its end and hold it to an exit status."""
        ran = self.run(self.words(*arguments), self.home.parent, self.environment)
        assert "Traceback" not in ran.stderr, ran.stderr
        assert ran.returncode == status, (ran.args, ran.stdout, ran.stderr)
        return ran
