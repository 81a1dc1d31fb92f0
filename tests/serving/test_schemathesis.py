"""The whole of `/openapi.json` against the real service, with every check of Schemathesis."""

import re
import subprocess
import sys
from functools import partial

import httpx
import pytest

from serving.launch import serve_command, serve_environment

# A record may be refused for what no schema can say (a code that is no country's), and is read
# liberally ("120.5" for a number), so for records all documented answers are right ones.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "422"]
[checks.negative_data_rejection]
expected-statuses = ["2xx", "400", "401", "403", "404", "405", "413", "422"]
"""
PHASES = "examples,coverage,fuzzing,stateful"


@pytest.fixture(scope="module")
def address(world, tmp_path_factory, server_process):
    command, log = partial(serve_command, "127.0.0.1"), tmp_path_factory.mktemp("service") / "log"
    with server_process(command, serve_environment(world.home), log) as url:
        yield url


def test_every_check_passes_on_every_documented_route(address, world, tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG)
    key = world.key()
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "config.toml", "run"]
    options = {"checks": "all", "phases": PHASES, "max-examples": 10, "seed": 1}
    # The service's own limit is shorter.
    options |= {"generation-database": "none", "max-failures": 100, "request-timeout": 60}
    told = subprocess.run(
        [
            *(*command, f"{address}/openapi.json", "-H", f"Authorization: Bearer {key}"),
            *("--no-color", *(f"--{name}={value}" for name, value in options.items())),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout
    document = httpx.get(f"{address}/openapi.json", headers={"Authorization": f"Bearer {key}"})
    # The route that it read the document from is no route of the document to it.
    operations = sum(map(len, document.json()["paths"].values())) - 1
    assert f"Tested: {operations}\n" in told.stdout, told.stdout
    assert int(re.search(r"(\d+) generated", told.stdout)[1]) > 100 * operations
