"""The main job, run once a run of the tests: `quickstart`, from nothing to its curl, then Ctrl-C.

Every Python process of the job carries an audit hook that writes down whom it asks; where strace
can trace here, the kernel's own record of the calls is kept too, native code included.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import pytest

from tests.once import built_once
from tests.processes import family, free_port, started, stop, wait_until
from tests.tidewaiter.commands import CommandLine, environment

WITNESS = Path(__file__).parents[1] / "contracts" / "witness"
DAYS = 60
_CALLS = "trace=connect,sendto,sendmsg,sendmmsg"
_SECONDS = 400


@dataclass(frozen=True)
class Asked:
    """What a printed curl was answered: its path, the status and the text."""

    path: str
    status: int
    text: str


@dataclass(frozen=True)
class Job:
    """What the main job did: its output, its processes, and whom they asked."""

    folder: Path
    port: int
    output: str
    answers: list[Asked]
    processes: dict[int, str]
    outlived: list[int]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def seen(self) -> list[dict]:
        return witness_of(self.folder)

    @property
    def trace(self) -> str | None:
        """The kernel's record, where strace may trace."""
        path = self.folder / "trace"
        return path.read_text() if path.exists() else None


def main_job(factory: pytest.TempPathFactory) -> Job:
    """Give the job, which the first worker that asks runs."""
    folder = built_once(factory, "job", _run)
    told = json.loads((folder / "told.json").read_text())
    answers = [Asked(**one) for one in told.pop("answers")]
    processes = {int(pid): said for pid, said in told.pop("processes").items()}
    return Job(folder=folder, answers=answers, processes=processes, **told)


def _run(folder: Path) -> None:
    folder.mkdir()
    run, port, strace = CommandLine(folder / "home"), free_port(), tracer(folder)
    command = [*strace, *run.words("quickstart", "--days", DAYS, "--port", port)]
    out, err = folder / "out", folder / "err"
    with started(command, folder, witnessed(folder)) as process:
        wait_until(lambda: out.read_text().endswith("\n"), process, _SECONDS, err)
        answers = [_asked_by_curl(line) for line in out.read_text().splitlines()]
        processes = {one.pid: " ".join(one.cmdline()) for one in family(process)}
        outlived = stop(process, signal.SIGINT)
    if strace:
        del processes[process.pid]
    told = {
        "port": port,
        "output": out.read_text() + err.read_text(),
        "answers": [asdict(answer) for answer in answers],
        "processes": processes,
        "outlived": [one.pid for one in outlived],
    }
    (folder / "told.json").write_text(json.dumps(told))


def tracer(folder: Path) -> list[str]:
    """Write the command that records calls of the network, or nothing where none can."""
    found = shutil.which("strace")
    command = [found, "-f", "--seccomp-bpf", "-qq", "-e", _CALLS, "-o", str(folder / "trace")]
    if found is None or subprocess.run([*command, "true"], check=False).returncode:
        return []
    return command


def witnessed(folder: Path) -> dict[str, str]:
    """Write an environment in which every Python process carries the witness."""
    path = os.pathsep.join(filter(None, [str(WITNESS), os.environ.get("PYTHONPATH")]))
    return environment(PYTHONPATH=path, WITNESS_FILE=str(folder / "witness"))


def witness_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "witness").read_text().splitlines()]


def _asked_by_curl(printed: str) -> Asked:
    """Send what the printed curl would send."""
    words = shlex.split(printed)
    assert words[:2] == ["curl", "-s"]
    headers = [words[at + 1] for at, word in enumerate(words) if word == "-H"]
    answer = httpx.post(
        words[2],
        headers=dict(header.split(": ", 1) for header in headers),
        content=words[words.index("-d") + 1],
        timeout=60,
    )
    return Asked(answer.url.path, answer.status_code, answer.text)
