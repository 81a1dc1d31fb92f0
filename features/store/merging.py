"""Merging the facts of a batch into tiles and pairs.

On SQLite the few facts of a call are merged by one statement: to put the batch into a view of the
connection's own fires a trigger that holds every merge. Python begins a statement in the time that
SQLite merges a fact or two, and between statements it is one thread's turn at a time, so that the
caller could not go on beside.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor

from features.facts import FACTS
from features.store.compiled import compiled_once
from features.store.engine import at_once
from features.store.merges import merge_pairs, merge_tiles
from features.store.schema import pairs, profiles
from features.store.statements import driver_sql

__all__ = ["make_mergers", "make_merging_statements", "merge"]


def merge(
    connection: Connection, cursor: DBAPICursor, facts: str, added: dict[str, int], *, is_few: bool
) -> None:
    """Merge facts of a relation that were added.

    Parameters
    ----------
    added : the last row ``seq`` before them, and their ``batch``.
    is_few : whether they came with a call, rather than with a file.
    """
    dialect = connection.dialect.name
    if is_few and dialect == "sqlite":
        # Where it fails, so does the transaction: nothing is kept to take it back by itself.
        cursor.execute(f"INSERT OR FAIL INTO merging_{facts} VALUES (:seq, :batch)", added)
        return
    with at_once(connection):
        for query in _merges(facts, dialect, by_instant=False):
            cursor.execute(query, added)


def make_merging_statements(facts: str, dialect: str) -> None:
    """Make and keep the statements by which facts of a relation are merged."""
    _merges(facts, dialect, by_instant=False)


def make_mergers(engine: Engine) -> None:
    """Have every connection to SQLite come with the views and triggers that merge few facts."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _make_mergers)
        engine.dispose()  # of those that are open already


def _make_mergers(connection: Any, _: object) -> None:
    for facts in FACTS:
        for statement in _merger(facts):
            connection.execute(statement)


@compiled_once
def _merger(facts: str) -> list[str]:
    merges = "; ".join(_merges(facts, "sqlite", by_instant=True))
    merges = merges.replace(":seq", "NEW.seq").replace(":batch", "NEW.batch")
    name = f"merging_{facts}"
    fires = f"CREATE TEMPORARY TRIGGER merge_{facts} INSTEAD OF INSERT ON {name}"
    view = f"CREATE TEMPORARY VIEW {name} AS SELECT 0 AS seq, 0 AS batch"
    return [view, f"{fires} BEGIN {merges}; END"]


@compiled_once
def _merges(facts: str, dialect: str, *, by_instant: bool) -> list[str]:
    tiled = [profile for profile in profiles() if profile.facts == facts]
    merges = [merge_tiles(profile, dialect, by_instant=by_instant) for profile in tiled]
    merges += [merge_pairs(kept, dialect) for kept in pairs() if kept.facts == facts]
    return [driver_sql(one, dialect) for one in merges]
