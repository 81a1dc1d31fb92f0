"""Records whose transaction ends in another thread: in, or not in and told, never in between."""

import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from features.store import Store

RECEIVED_AT = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def store(new_home):
    with Store.open(new_home()) as store:
        yield store


@pytest.fixture
def full_disk(store):
    """Let no file grow beyond what the store's log has now, as a full disk does."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("the server's files are not this process's")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = Path(f"{store.engine.url.database}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, limits[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_records_taken_in_aside_are_in_once_one_has_waited(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00", "2026-01-02T10:00"])
    taken, settle = store.take_in_aside("declarations", declarations, RECEIVED_AT)
    assert taken.first
    assert taken.inserted == 2
    settle()
    settle()
    assert len(store.read("declarations")) == 2
    assert store.take_in("declarations", declarations).unchanged == 2


def test_a_transaction_that_fails_aside_says_so_and_leaves_nothing(
    store, one_importer_at, full_disk
):
    declarations = one_importer_at(["2026-01-01T10:00"])
    _, settle = store.take_in_aside("declarations", declarations, RECEIVED_AT)
    for _ in range(2):
        with pytest.raises(OperationalError):
            settle()
    full_disk()
    assert store.read("declarations").empty
    assert store.take_in("declarations", declarations).inserted == 1


def test_records_that_cannot_be_taken_in_leave_no_transaction_open(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])
    with pytest.raises(KeyError):
        store.take_in_aside("declarations", declarations.drop(columns="hs_code"), RECEIVED_AT)
    assert store.take_in("declarations", declarations).inserted == 1
