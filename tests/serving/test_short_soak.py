"""A minute of what `make soak` does for a quarter of an hour, on the embedded store."""

from tests.soak.trial import tried

SECONDS = 60


def test_nothing_promised_under_load_is_lost_whatever_goes_wrong(world, tmp_path):
    soaked = tried(world.home, tmp_path, "sqlite", SECONDS, seed=1)
    assert {"score", "file", "read"} <= set(soaked.seen)
    assert len(soaked.memory) == 2  # the worker that was killed, and the one after it
