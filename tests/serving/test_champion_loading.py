"""A champion is loaded once; without one, nothing is ready, until there is one."""

import threading

import pytest

from models.registry import LoadedModel
from serving.champion import Champion
from serving.problems import Problem


class Shelf:
    """A registry that a test fills."""

    def __init__(self):
        self.champion = None
        self.attempts = 0

    def load(self):
        self.attempts += 1
        if self.champion is None:
            raise LookupError("no champion")
        return self.champion


@pytest.fixture
def shelf():
    return Shelf()


def test_a_champion_is_loaded_once_however_many_ask(shelf):
    shelf.champion = LoadedModel("3", object())
    champion = Champion("crossings", shelf.load, lambda: 0.0)
    found = []
    threads = [threading.Thread(target=lambda: found.append(champion.get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [shelf.champion] * 8
    assert shelf.attempts == 1


def test_without_a_champion_the_service_is_unavailable(shelf):
    with pytest.raises(Problem) as caught:
        Champion("crossings", shelf.load, lambda: 0.0).get()
    assert caught.value.status == 503
    assert "champion of crossings" in caught.value.detail
    assert int(caught.value.headers["Retry-After"]) > 0


def test_the_first_promotion_needs_no_restart_but_attempts_are_apart(shelf):
    now = [0.0]
    champion = Champion("crossings", shelf.load, lambda: now[0], retry_s=5)
    for moment in (0.0, 1.0, 4.9):
        now[0] = moment
        with pytest.raises(Problem):
            champion.get()
    assert shelf.attempts == 1
    shelf.champion = LoadedModel("1", object())
    now[0] = 5.0
    assert champion.get() is shelf.champion
    assert shelf.attempts == 2
