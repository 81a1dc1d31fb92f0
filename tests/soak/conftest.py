"""How long a soak runs: ``make soak ARGS="--soak 4"`` makes every part four times as long."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, settings

EXAMPLES = 15
# For one test: hours of a soak made longer must not end at the usual limit.
LONG_S = 3_600


@dataclass(frozen=True)
class Length:
    """How many times the usual length; 1 is about an hour in all."""

    factor: float

    def of(self, usual: float) -> int:
        """Lengthen a count or a time, which stays at least 1."""
        return max(1, round(self.factor * usual))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", type=float, default=1.0, help="times the usual length of a soak")
    parser.addoption("--soak-seed", type=int, help="of the random requests [drawn anew each run]")


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile(
        "soak",
        max_examples=Length(config.getoption("--soak")).of(EXAMPLES),
        deadline=None,
        derandomize=False,
        print_blob=True,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("soak")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "soak" in item.path.parts:
            item.add_marker(pytest.mark.timeout(LONG_S))


@pytest.fixture(scope="session")
def length(request: pytest.FixtureRequest) -> Length:
    return Length(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def soak_seed(request: pytest.FixtureRequest) -> int:
    given = request.config.getoption("--soak-seed")
    return secrets.randbelow(1_000_000) if given is None else int(given)
