"""A quarter of an hour of mixed load on each store, through all that goes wrong meanwhile.

``make soak`` runs it; `soak_seed` repeats the records, though not what the machine makes of them.
"""

from __future__ import annotations

import pytest

from tests.serving.conftest import world
from tests.soak.installation import installed
from tests.soak.ledger import check_kept
from tests.soak.mixed import kill_worker, move_champion, name_challenger, soak

__all__ = ["world"]  # the installation whose copies are soaked

SECONDS = 900
EVENTS = {"champion moved": move_champion, "challenger named": name_challenger}
# A worker whose memory grows so fast is out of it in a day.
MOST_MB_A_MINUTE = 2
# Shorter than this, a slope is the noise of caches that fill.
TELLING_S = 180


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_promised_under_load_is_lost_whatever_goes_wrong(
    world, tmp_path, soak_seed, length, database
):
    with installed(world.home, tmp_path, database) as (home, key, restart):
        events = EVENTS | ({"database restarted": restart} if restart else {})
        events |= {"worker killed": kill_worker}
        log = tmp_path / "log"
        soaked = soak(home, key, length.of(SECONDS), soak_seed, events, log)
        print(database, soaked, "seed", soak_seed)  # noqa: T201
        check_kept(home, soaked.ledgers)
    for lasted, _, slope in soaked.memory.values():
        assert lasted < TELLING_S or slope < MOST_MB_A_MINUTE
