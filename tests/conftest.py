"""What every test shares: libraries quiet before they are imported, the development data found."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from features.home import Home

# Libraries read these when they are imported, which collecting the tests already does.
Home(Path(tempfile.mkdtemp(prefix="tidewaiter-tests-"))).prepare()

# How long an example takes is the machine's doing, no fact of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# The files that take the most processor time, about in that order, each from 30 seconds up. What
# test_loopback_only runs test_simulated_road uses, which would wait for it if both began at once.
LONG = (
    "test_loopback_only.py",
    "test_spark.py",
    "test_korean_release.py",
    "test_short_soak.py",
    "test_point_in_time.py",
    "test_several_writers.py",
    "test_simulated_road.py",
    "test_store.py",
    "test_schemathesis.py",
    "test_upgrade.py",
    "test_bentoml_service.py",
)

DATA = Path(__file__).parents[1].parent / "shared" / "data"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: begun last, one would leave a worker idle."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONG)))


@pytest.fixture(scope="session")
def korean_release() -> list[Path]:
    """The two files of the Korean release; CI has them, so there their absence is a failure."""
    files = [DATA / "kcs" / f"declarations_{part}.csv" for part in ("2020", "2021q1")]
    if not all(file.is_file() for file in files):
        if os.environ.get("CI"):
            pytest.fail(f"CI is expected to have {DATA}")
        pytest.skip(f"development data is not at {DATA}")
    return files
