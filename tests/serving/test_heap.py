"""What a worker has freed goes back to the system."""

from __future__ import annotations

import threading

import psutil

from serving import heap

BLOCK = 100_000  # bytes, which the C library keeps when it is freed
BLOCKS = 1_000


def used():
    return psutil.Process().memory_info().rss


def test_what_is_freed_between_what_is_kept_is_given_back():
    made = [bytes(BLOCK) + b"!" for _ in range(BLOCKS)]
    kept = made[::50]
    del made
    before = used()
    assert heap.give_back()
    assert before - used() > BLOCKS * BLOCK / 2
    assert all(len(one) == BLOCK + 1 for one in kept)


def test_it_is_given_back_again_and_again(monkeypatch):
    given, enough = [], threading.Event()

    def give_back():
        given.append(threading.current_thread().name)
        if len(given) == 3:
            enough.set()

    monkeypatch.setattr(heap, "give_back", give_back)
    ended = heap.give_back_regularly(0.01)
    assert enough.wait(10)
    ended.set()
    assert set(given) == {"heap"}
