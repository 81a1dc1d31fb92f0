"""The real command line, as a user runs it: another process, its own folder, its own home."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

TIDEWAITER = (sys.executable, "-m", "tidewaiter")
# What would point a command at another installation than the one it is given.
ELSEWHERE = ("TIDEWAITER_HOME", "TIDEWAITER_DATABASE_URL", "MLFLOW_TRACKING_URI", "BENTOML_HOME")


def environment(**more: str) -> dict[str, str]:
    """Write the environment of a user, wide enough that no line is folded."""
    plain = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return plain | {"COLUMNS": "200", "NO_COLOR": "1"} | more


@dataclass(frozen=True)
class CommandLine:
    """The command line on one home."""

    home: Path
    environment: dict[str, str] = field(default_factory=environment)

    def words(self, *arguments: object) -> list[str]:
        """Write a command, the home before the subcommand."""
        return [*TIDEWAITER, "--home", str(self.home), *map(str, arguments)]

    def __call__(self, *arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and hold it to an exit status."""
        ran = subprocess.run(
            self.words(*arguments),
            cwd=self.home.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        assert ran.returncode == status, (ran.args, ran.stdout, ran.stderr)
        return ran
