"""A turn at writing: records and their scores are both there, or neither, or records alone."""

import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.features.conftest import score

RECEIVED_AT = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def full_disk(store):
    """Let no file grow beyond what the store's log has now, as a full disk does."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("the server's files are not this process's")
    for _ in range(100):  # so that other files, as of what tests print, have some room
        store.flush()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = Path(f"{store.engine.url.database}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, limits[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_records_whose_transaction_ends_aside_are_in_once_one_has_waited(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00", "2026-01-02T10:00"])
    with store.turn() as turn:
        taken = turn.take_in("declarations", declarations, RECEIVED_AT, aside=True)
        assert taken.first
        assert taken.inserted == 2
        turn.settle()
        turn.settle()
        assert len(store.read("declarations")) == 2
    assert store.take_in("declarations", declarations).unchanged == 2


def test_a_transaction_that_fails_aside_says_so_and_leaves_nothing(
    store, one_importer_at, full_disk
):
    declarations = one_importer_at(["2026-01-01T10:00"])
    turn = store.turn()
    turn.take_in("declarations", declarations, RECEIVED_AT, aside=True)
    for _ in range(2):
        with pytest.raises(OperationalError):
            turn.settle()
    with pytest.raises(OperationalError):
        turn.keep_scores([score(1, known_at=10)], first=True)
    full_disk()
    assert store.read("declarations").empty
    assert store.read_score("S1") is None
    assert store.take_in("declarations", declarations).inserted == 1


def test_records_that_cannot_be_taken_in_leave_no_transaction_open(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])
    with pytest.raises(KeyError), store.turn() as turn:
        turn.take_in("declarations", declarations.drop(columns="hs_code"), RECEIVED_AT)
    assert store.take_in("declarations", declarations).inserted == 1


def test_records_and_scores_of_one_transaction_are_kept_together(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])
    with store.turn() as turn:
        assert turn.take_in("declarations", declarations, RECEIVED_AT).first
        turn.keep_scores([score(1, known_at=10)], first=True)
        assert store.read_score("S1") is not None
    assert store.take_in("declarations", declarations).unchanged == 1


def test_what_fails_before_the_scores_are_kept_leaves_neither(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])

    def write():
        with store.turn() as turn:
            turn.take_in("declarations", declarations, RECEIVED_AT)
            last = score(2, known_at=10, record_id="D2", risk=None)
            turn.keep_scores([score(1, known_at=10), last], first=True)

    with pytest.raises(Exception, match=r"(?i)not.null"):
        write()
    assert store.read_score("S1") is None
    assert store.take_in("declarations", declarations).inserted == 1


def test_scores_are_kept_by_themselves_where_records_are_in_already(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])
    with store.turn() as turn:
        turn.take_in("declarations", declarations, RECEIVED_AT, lasting=False)
        turn.end()
        assert len(store.read("declarations")) == 1
        [kept] = turn.keep_scores([score(1, known_at=10)]).values()
    assert kept["score_id"] == store.read_score("S1")["score_id"]


def test_what_cannot_end_aside_ends_at_once_and_holds_nobody_up(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])
    store._aside.shutdown()
    with pytest.raises(RuntimeError, match="shutdown"), store.turn() as turn:
        turn.take_in("declarations", declarations, RECEIVED_AT, aside=True)
    assert store.take_in("declarations", declarations).inserted == 1


def test_no_connection_comes_back_within_a_transaction(store):
    if store.engine.dialect.name != "sqlite":
        pytest.skip("SQLAlchemy resets those to a server")
    with store.engine.connect() as connection:
        connection.connection.execute("BEGIN IMMEDIATE")
    with store.engine.connect() as connection:
        assert not connection.connection.in_transaction
