"""A process holds few connections to its store, so that its memory has a bound."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

from features.store.engine import open_engine

CALLERS = 16


@pytest.fixture
def opened(tmp_path):
    """An engine, and the connections it opened."""
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    connections = []
    event.listen(engine, "connect", lambda connection, _: connections.append(connection))
    yield engine, connections
    engine.dispose()


def test_many_callers_at_once_wait_for_few_connections(opened):
    engine, connections = opened

    def ask(number):
        with engine.connect() as connection:
            time.sleep(0.01)
            return connection.scalar(text("SELECT :number"), {"number": number})

    with ThreadPoolExecutor(CALLERS) as pool:
        assert list(pool.map(ask, range(CALLERS))) == list(range(CALLERS))
    assert 1 < len(connections) < CALLERS / 2


def test_one_caller_after_another_gets_the_connection_whose_pages_are_warmest(opened):
    engine, connections = opened
    with engine.connect(), engine.connect():
        assert len(connections) == 2
    used = set()
    for _ in range(4):
        with engine.connect() as connection:
            used.add(id(connection.connection.driver_connection))
    assert len(used) == 1
