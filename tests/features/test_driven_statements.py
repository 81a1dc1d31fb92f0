"""Statements given to the driver itself, and how far what was written is on disk."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from features.store.engine import driven
from features.store.keys import find_key


def flushed(connection):
    """Say whether the end of a transaction waits for the disk."""
    if connection.dialect.name == "sqlite":
        return {1: False, 2: True}[connection.scalar(text("PRAGMA synchronous"))]
    return {"on": True, "off": False}[connection.scalar(text("SHOW synchronous_commit"))]


def lost(store):
    """Ask a database that goes away, or for what it has not."""
    with store.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            with driven(connection) as cursor:
                cursor.execute("SELECT * FROM nowhere")
        ended = connection.scalar(text("SELECT pg_backend_pid()"))
        with store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": ended})
        find_key(connection, "of no key")


def test_what_the_database_fails_at_is_told_as_any_other_statements_failure(store):
    with pytest.raises(OperationalError):
        lost(store)
    with store.engine.connect() as connection:
        assert find_key(connection, "of no key") is None


def test_only_what_must_last_waits_for_the_disk(store, two_of_one_importer):
    seen = []

    @event.listens_for(store.engine, "commit")
    def note(connection):
        if connection.get_execution_options().get("writes"):
            seen.append(flushed(connection))

    store.take_in("declarations", two_of_one_importer[:1])
    with store.turn() as turn:
        turn.take_in("declarations", two_of_one_importer, datetime.now(UTC), lasting=False)
    store.flush()
    with store.writing() as connection:
        assert flushed(connection)
    assert seen == [True, False, True, True]
    assert len(store.read("declarations")) == 2
