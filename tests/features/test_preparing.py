"""Who compiles the statements that are seldom needed: a process beside, once an installation."""

import sys

import pytest

from features.home import COMPILED
from features.store import compiled, preparing


@pytest.fixture
def processes(tmp_path, monkeypatch):
    """Keep what is made in a home alone; note which process makes it, which takes no time."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv(COMPILED, str(tmp_path / "compiled"))
    monkeypatch.setattr(compiled, "_CODE", "code")
    monkeypatch.setattr(preparing, "_make", lambda *_: noted.append("here"))
    noted = []

    def beside(subject, dialect):
        preparing._made(subject, dialect)
        noted[-1] = "beside"

    monkeypatch.setattr(preparing, "_make_beside", beside)
    yield noted
    preparing._made.cache_clear()


def test_another_process_makes_them_once_and_all_later_ones_read_them(processes):
    for _ in range(2):
        preparing.prepare_for_amendments("shipments", "sqlite")
    assert processes == ["beside", "here", "here"]


def test_where_nothing_can_be_kept_they_are_made_here(processes, monkeypatch):
    monkeypatch.setattr(compiled, "_CODE", None)
    preparing.prepare_for_amendments("shipments", "sqlite")
    assert processes == ["here"]


def test_where_the_process_beside_fails_they_are_made_here(processes, monkeypatch):
    monkeypatch.setattr(preparing, "_make_beside", lambda *_: processes.append("failed"))
    preparing.prepare_for_amendments("shipments", "sqlite")
    assert processes == ["failed", "here"]
