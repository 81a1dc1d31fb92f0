"""Calls that come while others are worked: they wait, are worked together, and answered apart."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from serving.attempt import Failure
from serving.sets import Sets
from tests.serving.officers import until_waiting

SOON_S = 30
MOST = 10


@dataclass(frozen=True)
class Sent:
    name: str
    records: int = 1
    alike: object = None


class Worker:
    """Works sets, noting them; holds up the first until the rest have come."""

    def __init__(self):
        self.worked = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.outcome = lambda call: f"of {call.name}"
        self.sets = Sets(threading.Lock(), self.work, MOST)

    def work(self, calls):
        self.worked.append([call.name for call in calls])
        if len(self.worked) == 1:
            self.begun.set()
            assert self.go_on.wait(SOON_S)
        return [self.outcome(call) for call in calls]

    def ask_all(self, calls):
        """Ask for one call and, while it is worked, in order for the others."""
        with ThreadPoolExecutor(len(calls)) as pool:
            asked = [pool.submit(self.sets.ask, calls[0])]
            assert self.begun.wait(SOON_S)
            for waiting, call in enumerate(calls[1:], 1):
                asked.append(pool.submit(self.sets.ask, call))
                until_waiting(waiting)
            self.go_on.set()
        return asked


@pytest.fixture
def worker():
    return Worker()


def test_who_comes_meanwhile_is_one_set_and_each_gets_its_own_answer(worker):
    asked = worker.ask_all([Sent(name) for name in "abcd"])
    assert worker.worked == [["a"], ["b", "c", "d"]]
    assert [one.result() for one in asked] == [f"of {name}" for name in "abcd"]
    assert worker.sets.ask(Sent("e")) == "of e"
    assert worker.worked[2:] == [["e"]]


def test_a_set_ends_before_what_is_unlike_or_too_much_and_the_rest_is_the_next(worker):
    sizes = {"a": 1, "b": 4, "c": 6, "d": 1, "e": 1, "f": 40, "g": 1}
    calls = [Sent(name, size, alike=name == "e") for name, size in sizes.items()]
    asked = worker.ask_all(calls)
    assert worker.worked == [["a"], ["b", "c"], ["d"], ["e"], ["f"], ["g"]]
    assert [one.result() for one in asked] == [f"of {name}" for name in sizes]


def test_what_fails_of_a_set_fails_alone(worker):
    worker.outcome = lambda call: Failure(KeyError(call.name)) if call.name in "ac" else call.name
    a, b, c, d = worker.ask_all([Sent(name) for name in "abcd"])
    for failed, name in ((a, "a"), (c, "c")):
        with pytest.raises(KeyError, match=name):
            failed.result()
    assert (b.result(), d.result()) == ("b", "d")


def test_where_the_work_itself_fails_all_of_the_set_are_told_and_the_next_is_worked(worker):
    def outcome(call):
        if call.name == "c":
            raise OSError("no disk")
        return call.name

    worker.outcome = outcome
    a, *others = worker.ask_all([Sent(name) for name in "abcd"])
    assert a.result() == "a"
    for other in others:
        with pytest.raises(OSError, match="no disk"):
            other.result()
    assert worker.sets.ask(Sent("e")) == "e"


def test_many_callers_at_once_get_each_their_answers():
    sets = Sets(threading.Lock(), lambda calls: [call.name for call in calls], MOST)

    def ask(caller):
        return all(sets.ask(Sent(f"{caller}-{n}")) == f"{caller}-{n}" for n in range(500))

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(16)))
