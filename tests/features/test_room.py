"""The log has its full length from the start, and nothing else is there that was not before."""

import resource
import shutil
from pathlib import Path

import pytest

from features.store.room import make_room


@pytest.fixture
def log(store):
    if store.engine.dialect.name != "sqlite":
        pytest.skip("a server keeps its own log")
    return Path(f"{store.engine.url.database}-wal")


def tables(store):
    with store.engine.connect() as connection:
        asked = "SELECT name, sql FROM sqlite_master ORDER BY name"
        return connection.exec_driver_sql(asked).all()


def test_what_is_written_then_makes_the_log_no_longer(store, log, one_importer_at):
    before, size = tables(store), Path(store.engine.url.database).stat().st_size
    assert make_room(store.engine)
    assert not make_room(store.engine)
    assert Path(store.engine.url.database).stat().st_size == size
    length = log.stat().st_size
    store.make_room()
    assert store.take_in("declarations", one_importer_at(["2026-01-01T10:00"])).inserted == 1
    assert log.stat().st_size == length
    assert tables(store) == before
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar_one() == 0


def test_where_there_is_no_room_the_store_goes_on_as_it_would_have(store, log, one_importer_at):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * 1024 * 1024, limits[1]))
    try:
        assert not make_room(store.engine)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert log.stat().st_size == 0
    assert store.take_in("declarations", one_importer_at(["2026-01-01T10:00"])).inserted == 1


def test_while_another_writes_nobody_waits(store, log):
    with store.writing():
        assert not make_room(store.engine)
    assert make_room(store.engine)


def test_of_a_nearly_full_disk_nothing_is_taken(store, log, monkeypatch):
    usage = shutil.disk_usage(log.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100_000_000))
    before = log.stat().st_size if log.exists() else 0
    assert not make_room(store.engine)
    assert log.stat().st_size <= max(before, 4120 + 32)


def test_its_connection_is_given_back_as_it_was(store, log):
    def told():
        with store.engine.connect() as connection:
            return [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("busy_timeout", "cache_size", "synchronous")
            ]

    before = told()
    assert make_room(store.engine)
    assert told() == before


def test_a_server_is_left_alone(store):
    if store.engine.dialect.name == "sqlite":
        pytest.skip("it is of SQLite's log")
    assert not make_room(store.engine)
