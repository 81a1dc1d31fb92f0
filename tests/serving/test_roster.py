"""Which version serves: what the registry names, if it loads; else the one that did, said so."""

import logging
import threading
import time

import pytest

from models.registry import CHALLENGER, CHAMPION, LoadedModel
from serving.problems import Problem
from serving.roster import Roster


class Shelf:
    """A registry that a test fills, breaks and takes away."""

    def __init__(self, **aliases):
        self.named = aliases
        self.broken = set()
        self.is_down = False
        self.loads = []

    def aliases(self, subject):
        if self.is_down:
            raise ConnectionError("http://me:secret@mlflow does not answer")
        return dict(self.named) if subject == "shipments" else {}

    def load(self, subject, version):
        self.loads.append(version)
        if version in self.broken:
            raise ValueError(f"a broken artefact of {subject}")
        return LoadedModel(version, object())


class Drawer:
    """Keeps what served last, as if on disk."""

    def __init__(self):
        self.kept = {}

    def keep(self, subject, alias, loaded):
        self.kept[subject, alias] = loaded

    def find(self, subject, alias):
        return self.kept.get((subject, alias))

    def forget(self, subject, alias):
        self.kept.pop((subject, alias), None)


@pytest.fixture
def shelf():
    return Shelf(champion="1")


@pytest.fixture
def drawer():
    return Drawer()


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def roster(shelf, drawer, now):
    return begun(shelf, drawer, now)


def begun(shelf, drawer, now):
    """Make a roster as a worker does when it starts."""
    made = Roster(["shipments", "crossings"], shelf, drawer, lambda: now[0])
    made.refresh()
    return made


def versions(roster):
    """Name the versions of champion and challenger."""
    line_up = roster.line_up("shipments")
    both = (line_up.champion, line_up.challenger)
    return tuple(None if one is None else one.version for one in both)


def test_a_version_is_loaded_once_however_often_the_registry_is_asked(roster, shelf):
    roster.refresh()
    roster.refresh()
    assert versions(roster) == ("1", None)
    assert shelf.loads == ["1"]
    assert roster.troubles() == []


def test_a_moved_alias_is_followed_and_what_began_keeps_its_version(roster, shelf):
    begun_before = roster.line_up("shipments")
    shelf.named[CHAMPION] = "2"
    roster.refresh()
    assert versions(roster) == ("2", None)
    assert begun_before.leader().version == "1"


def test_without_a_champion_the_subject_is_unavailable_until_there_is_one(roster, shelf):
    with pytest.raises(Problem) as caught:
        roster.line_up("crossings").leader()
    assert caught.value.status == 503
    assert "champion of crossings" in caught.value.detail
    assert int(caught.value.headers["Retry-After"]) > 0
    assert roster.troubles() == []


def test_what_does_not_load_leaves_the_old_one_and_is_said_once_and_tried_again_later(
    roster, shelf, now, caplog
):
    shelf.named[CHAMPION] = "2"
    shelf.broken = {"2"}
    for moment in (0.0, 2.0, 4.0):
        now[0] = moment
        roster.refresh()
    assert versions(roster) == ("1", None)
    assert shelf.loads == ["1", "2"]
    [trouble] = roster.troubles()
    assert trouble == "champion of shipments: version 2 does not load; version 1 serves on"
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert trouble in line.getMessage()
    shelf.broken = set()
    now[0] = 5.0
    roster.refresh()
    assert versions(roster) == ("2", None)
    assert roster.troubles() == []


def test_another_version_is_not_kept_waiting_by_one_that_failed(roster, shelf):
    shelf.broken = {"2"}
    for version in ("2", "3"):
        shelf.named[CHAMPION] = version
        roster.refresh()
    assert versions(roster) == ("3", None)


def test_a_registry_out_of_reach_changes_nothing_and_its_address_stays_unsaid(
    roster, shelf, caplog
):
    shelf.is_down = True
    roster.refresh()
    assert versions(roster) == ("1", None)
    assert "the registry does not answer; version 1 serves on" in roster.troubles()[0]
    assert "the registry does not answer" in caplog.text
    assert not any("secret" in record.getMessage() for record in caplog.records)
    shelf.is_down = False
    roster.refresh()
    assert roster.troubles() == []


def test_started_while_the_registry_is_down_it_serves_the_copies_until_it_is_back(
    roster, shelf, drawer, now
):
    shelf.named[CHALLENGER] = "2"
    roster.refresh()
    shelf.is_down = True
    restarted = begun(shelf, drawer, now)
    assert versions(restarted) == ("1", "2")
    assert "its copy of version 1 serves on" in restarted.troubles()[0]
    shelf.is_down = False
    shelf.named = {CHAMPION: "3"}
    restarted.refresh()
    assert versions(restarted) == ("3", None)
    assert restarted.troubles() == []


def test_a_copy_is_replaced_by_the_same_version_when_the_registry_is_back(
    roster, shelf, drawer, now
):
    shelf.is_down = True
    restarted = begun(shelf, drawer, now)
    shelf.is_down = False
    restarted.refresh()
    assert shelf.loads == ["1", "1"]
    assert restarted.troubles() == []


def test_started_while_the_champion_does_not_load_it_serves_the_copy_of_the_last(
    roster, shelf, drawer, now
):
    shelf.named[CHAMPION] = "2"
    shelf.broken = {"2"}
    assert versions(begun(shelf, drawer, now)) == ("1", None)


def test_without_registry_and_copy_nothing_serves_and_it_is_said(shelf, now):
    shelf.is_down = True
    roster = begun(shelf, Drawer(), now)
    assert versions(roster) == (None, None)
    assert roster.troubles() == [
        f"champion of {subject}: the registry does not answer; none serves"
        for subject in ("shipments", "crossings")
    ]


def test_a_champions_alias_taken_away_leaves_it_and_a_challengers_ends_it(roster, shelf, drawer):
    shelf.named[CHALLENGER] = "2"
    roster.refresh()
    assert versions(roster) == ("1", "2")
    shelf.named = {}
    roster.refresh()
    assert versions(roster) == ("1", None)
    assert set(drawer.kept) == {("shipments", CHAMPION)}
    assert "names no champion any more" in roster.troubles()[0]


def test_the_same_version_is_no_challenger_of_itself(roster, shelf):
    shelf.named[CHALLENGER] = "1"
    roster.refresh()
    assert versions(roster) == ("1", None)


def test_a_challenger_that_does_not_load_is_none_of_the_champions_business(roster, shelf):
    shelf.named |= {CHAMPION: "3", CHALLENGER: "2"}
    shelf.broken = {"2"}
    roster.refresh()
    assert versions(roster) == ("3", None)
    [trouble] = roster.troubles()
    assert trouble.startswith("challenger of shipments: version 2 does not load")


def test_what_cannot_be_kept_serves_all_the_same(shelf, now, caplog):
    class Full(Drawer):
        def keep(self, *_):
            raise OSError("no space left on device")

    assert versions(begun(shelf, Full(), now)) == ("1", None)
    assert "no copy of it could be kept" in caplog.text


def test_it_keeps_up_by_itself_until_told_to_end(roster, shelf):
    thread = roster.follow(every_s=0.01)
    shelf.named[CHAMPION] = "2"
    deadline = time.monotonic() + 10
    while versions(roster) != ("2", None):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    roster.end()
    thread.join(timeout=10)
    assert thread not in threading.enumerate()
