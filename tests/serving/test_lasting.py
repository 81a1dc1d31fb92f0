"""What a worker made when it started is looked through no more."""

import gc

import pytest

from serving.lasting import keep_all, unwatched


@pytest.fixture(autouse=True)
def thawed():
    """Give what a test froze back to the collector of everything else."""
    yield
    gc.unfreeze()


def is_watched(one):
    return any(one is other for other in gc.get_objects())


def test_what_is_made_unwatched_is_never_looked_through():
    with unwatched():
        assert not gc.isenabled()
        made = [[]]
    assert gc.isenabled()
    assert not is_watched(made)


def test_what_is_kept_is_looked_through_no_more_and_what_is_made_later_is():
    made = [[]]
    assert is_watched(made)
    keep_all()
    later = [[]]
    assert not is_watched(made)
    assert is_watched(later)
