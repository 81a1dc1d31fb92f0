"""A quarter of an hour of mixed load on each store, through all that goes wrong meanwhile."""

from __future__ import annotations

import pytest

from tests.serving.conftest import world
from tests.soak.trial import tried

__all__ = ["world"]  # the installation whose copies are soaked

SECONDS = 900
# A worker whose memory grows faster is out of it within days.
MOST_MB_A_MINUTE = 2
# Of a shorter life, a slope is that of caches being filled.
TELLING_S = 180


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_promised_under_long_load_is_lost_and_memory_stays_flat(
    world, tmp_path, soak_seed, length, database
):
    soaked = tried(world.home, tmp_path, database, length.of(SECONDS), soak_seed)
    slopes = [slope for lasted, _, slope in soaked.memory.values() if lasted > TELLING_S]
    assert all(slope < MOST_MB_A_MINUTE for slope in slopes), soaked.memory
