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

# Seconds of processor time, measured; a file that is not named takes less than any that is.
SECONDS = {}

DATA = Path(__file__).parents[1].parent / "shared" / "data"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: begun last, one would leave a worker idle."""
    items.sort(key=lambda item: -SECONDS.get(item.path.name, 0))


@pytest.fixture(scope="session")
def korean_release() -> list[Path]:
    """The two files of the Korean release; CI has them, so there their absence is a failure."""
    files = [DATA / "kcs" / f"declarations_{part}.csv" for part in ("2020", "2021q1")]
    if not all(file.is_file() for file in files):
        if os.environ.get("CI"):
            pytest.fail(f"CI is expected to have {DATA}")
        pytest.skip(f"development data is not at {DATA}")
    return files
