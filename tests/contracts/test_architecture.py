"""The house stands as it is drawn: every package under the import contracts, none excused."""

import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_PACKAGES = {"tests", "notebooks"}
# What a contract may say; anything else, above all a way to ignore an import, needs a reason here.
SAID = {"id", "name", "type", "layers", "containers", "exhaustive", "ancestors"}
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = LINTER["contracts"]
FLOW = ["tidewaiter", "training | serving", "models", "features"]


def git(*arguments):
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def packages():
    """Top-level folders that hold Python, whether it is in git yet or not."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "--", "*/*.py")
    assert listed.returncode == 0, listed.stderr
    return {path.split("/")[0] for path in listed.stdout.splitlines()} - NOT_PACKAGES


def test_every_folder_of_python_is_a_package_the_contracts_know():
    assert packages() == set(LINTER["root_packages"])
    assert all((ROOT / name / "__init__.py").is_file() for name in packages())


def test_the_flow_is_the_one_of_the_design_and_has_every_package():
    [flow] = [one for one in CONTRACTS if one["type"] == "layers" and "containers" not in one]
    assert flow["layers"] == FLOW
    assert {name for layer in FLOW for name in layer.split(" | ")} == packages()


def test_inside_every_package_stands_an_exhaustive_contract():
    exhaustive = [one for one in CONTRACTS if one.get("exhaustive")]
    assert packages() <= {name for one in exhaustive for name in one["containers"]}


def test_siblings_are_free_of_cycles_in_every_package():
    [acyclic] = [one for one in CONTRACTS if one["type"] == "acyclic_siblings"]
    assert set(acyclic["ancestors"]) == packages()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda one: one["id"])
def test_no_contract_ignores_an_import(contract):
    assert set(contract) <= SAID


def test_the_linter_itself_ignores_nothing():
    assert set(LINTER) == {"root_packages", "contracts"}


@pytest.mark.parametrize("name", sorted(LINTER["root_packages"]))
def test_code_of_a_package_is_never_ignored_by_git(name):
    paths = [f"{name}/", f"{name}/anything.py", f"{name}/deeper/anything.json"]
    ignored = git("check-ignore", "--no-index", *paths)
    assert (ignored.returncode, ignored.stdout) == (1, "")


def test_no_package_marker_stands_under_tests():
    assert not list((ROOT / "tests").rglob("__init__.py"))
