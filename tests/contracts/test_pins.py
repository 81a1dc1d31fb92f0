"""The same versions everywhere, from whichever index the user's pip is set to."""

import re
import subprocess
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINS_TEXT = (ROOT / "constraints.txt").read_text().splitlines()
PIN = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)==([0-9][0-9A-Za-z.+!]*)")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Written so that this file does not match itself.
INDEX = r"index[-_]url|find[-_]links|trusted[-_]host|pypi[.]|pythonhosted[.]|/simple([/ ]|$)"


def pins():
    return dict(PIN.fullmatch(line).groups() for line in PINS_TEXT)


def required():
    """Everything the project and its dev extra need here, through every distribution."""
    found, waiting = {}, [("tidewaiter", ("dev",))]
    while waiting:
        name, extras = waiting.pop()
        for line in distribution(name).requires or []:
            requirement = Requirement(line)
            wanted = [{"extra": extra} for extra in (*extras, "")]
            marker = requirement.marker
            if marker and not any(marker.evaluate(environment) for environment in wanted):
                continue
            key = (canonicalize_name(requirement.name), tuple(sorted(requirement.extras)))
            if key not in found:
                found[key] = name
                waiting.append(key)
    return {name: needed_by for (name, _), needed_by in found.items()}


def test_constraints_are_exact_pins_and_nothing_else():
    assert [line for line in PINS_TEXT if not PIN.fullmatch(line)] == []
    assert len(pins()) == len(PINS_TEXT)


def test_every_declared_dependency_is_pinned_within_its_range():
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        requirement = Requirement(line)
        assert requirement.url is None
        assert pins()[canonicalize_name(requirement.name)] in requirement.specifier


def test_what_dependencies_need_in_turn_is_pinned_to_what_is_installed():
    needed = required()
    assert len(needed) > len(PROJECT["dependencies"])
    assert {name: by for name, by in needed.items() if name not in pins()} == {}
    assert {n: version(n) for n in needed} == {n: pins()[n] for n in needed}


def test_no_file_names_a_package_index():
    command = ["git", "grep", "--untracked", "-nIiE", INDEX]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, "")


@pytest.mark.parametrize("words", [("--extra-index", "url x"), ("https://an.index/sim", "ple/x")])
def test_the_search_would_find_an_index(words):
    glue = "-" if "url" in words[1] else ""
    assert re.search(INDEX, glue.join(words), re.IGNORECASE)


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_the_readme_shows_the_two_commands(command):
    assert re.search(rf"^{command}\b", (ROOT / "README.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", ["make check", "make test"])
def test_ci_runs_what_people_run(command):
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("target", ["run", "test", "check", "bench", "soak", "setup"])
def test_make_knows_the_targets_of_the_design(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
