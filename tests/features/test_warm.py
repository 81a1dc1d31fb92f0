"""The connection of turns: kept from one to the next, unless something was left or went wrong."""

import pytest

from features.store.warm import Warm


@pytest.fixture
def warm(store):
    kept = Warm(store.engine)
    yield kept
    kept.close()


def driver(connection):
    return connection.connection.driver_connection


def used(warm, *, block=lambda _: None):
    """Take a connection, use it and give it back; say which it was."""
    connection = warm.take()
    which = driver(connection)
    with warm.given_back(connection):
        block(connection)
    return which, connection.closed


def test_one_turn_after_another_has_the_same_connection(store, warm):
    (first, is_closed), (second, _) = used(warm), used(warm)
    assert first is second
    assert is_closed == (store.engine.dialect.name == "postgresql")


def test_turns_at_once_have_one_each_and_one_of_them_is_kept(warm):
    one, other = warm.take(), warm.take()
    assert driver(one) is not driver(other)
    for connection in (one, other):
        with warm.given_back(connection):
            pass
    assert other.closed


def test_where_a_block_fails_its_transaction_ends_and_the_connection_is_not_kept(store, warm):
    def fail(connection):
        connection.begin()
        connection.exec_driver_sql("CREATE TABLE left_over (n INTEGER)")
        raise KeyError("no answer")

    with pytest.raises(KeyError):
        used(warm, block=fail)
    assert not warm._idle
    with store.writing() as connection:  # it was taken back, or this would fail
        connection.exec_driver_sql("CREATE TABLE left_over (n INTEGER)")


def test_a_connection_left_within_a_transaction_is_not_kept(warm):
    _, is_closed = used(warm, block=lambda connection: connection.begin())
    assert is_closed
    assert not warm._idle
