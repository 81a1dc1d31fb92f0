"""The log has its full length from the start, and nothing else is there that was not before."""

import resource
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
    assert log.stat().st_size <= 8 * 1024 * 1024
    assert store.take_in("declarations", one_importer_at(["2026-01-01T10:00"])).inserted == 1


def test_a_server_is_left_alone(store):
    if store.engine.dialect.name == "sqlite":
        pytest.skip("it is of SQLite's log")
    assert not make_room(store.engine)
