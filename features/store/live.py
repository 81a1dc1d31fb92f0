"""Asking the live store: columns of records in, what profiles say of them out, as arrays.

The statements are compiled once, whatever the number of records: what is derived from the records
themselves, then the answers of every profile. A server gives them all at once; SQLite in as many
replies as there are ways to ask, after whole days that were not asked about before are merged.
What is asked of a profile is asked once, however many records ask it: keys and instant make a
place, and each record reads the answer at its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from features.catalog import feature_set
from features.facts import SUBJECTS, Subject
from features.records import kind_of
from features.store.engine import driven, one_state
from features.store.held import holds_any
from features.store.lookups import derive, live_features, merge_past, repliers, sees_loose
from features.store.past import Days, Past
from features.store.questions import MOST_KEYS, TURNS, Rows, askings, in_turns, pose

__all__ = ["ask", "ask_if_new", "ask_within", "make_statements", "tells_whole_days"]

Cells = Mapping[str, Sequence[Any]]
Columns = dict[str, NDArray[Any]]
_NOWHERE = 0  # where records that lack a key ask
_NOTHING = 0  # where the cells of what has no answer begin


def ask(connection: Connection, subject: str, cells: Cells) -> Columns:
    """Ask a subject's profiles about records.

    Parameters
    ----------
    cells : mapping of str to sequence
        The records' columns, plain values with None for missing; ``known_at`` in microseconds.

    Returns
    -------
    dict of str to array
        What the subject derives from records and the profiles' features, in the records' order.
    """
    with Past.kept_by(connection), one_state(connection):
        return ask_within(connection, subject, cells)


def ask_if_new(connection: Connection, subject: str, cells: Cells) -> Columns | None:
    """Ask the same about records; None where any of their group, such as a declaration, is held."""
    kind = kind_of(SUBJECTS[subject].kind)
    with Past.kept_by(connection), one_state(connection):
        if holds_any(connection, kind, cells[kind.group]):
            return None
        return ask_within(connection, subject, cells)


def ask_within(connection: Connection, subject: str, cells: Cells) -> Columns:
    """Ask the same within a transaction that is under way."""
    dialect, about = connection.dialect.name, SUBJECTS[subject]
    own = {name: cells[name] for name in about.reads}
    past = Past.kept_by(connection)
    with driven(connection) as cursor:
        derived = _derived(cursor, about, dialect, own)
        first = min(own["known_at"], default=0)
        loose = _loose(cursor, subject, dialect, first)
        if tells_whole_days(dialect):
            past.agree(cursor, max(derived["day"], default=0))
        asked = _Asked(subject, own | derived, past, is_loose=bool(loose))
        whole_today = past.ends_before(first)
        replies = _replies(cursor, dialect, asked, loose, whole_today=whole_today)
    columns = {name: _array(derived[name], kind) for name, kind in about.derived.items()}
    return columns | asked.columns(replies, _layout(subject, whole_today=whole_today))


def tells_whole_days(dialect: str) -> bool:
    """Whether the last instant at which anything is known is kept, so that no look-up is needed."""
    return dialect == "sqlite"


def make_statements(subject: str, dialect: str, *, is_loose: bool) -> None:
    """Make and keep the statements by which records of a subject are asked about.

    Parameters
    ----------
    is_loose : whether those for a store that has loose facts; on a server they are made when it is
        known of which relations.
    """
    for rows in TURNS:
        derive(subject, dialect, rows)
    if is_loose and not _looks_at_every(dialect):
        return
    loose = frozenset(feature_set(subject).counted_over if is_loose else ())
    for whole_today in {False, tells_whole_days(dialect)}:
        live_features(subject, dialect, loose, whole_today=whole_today)


def _derived(cursor: DBAPICursor, about: Subject, dialect: str, own: Cells) -> dict[str, list[Any]]:
    places = range(len(own["known_at"]))
    rows = list(zip(places, *(own[name] for name in about.derived_from), strict=True))
    turns = in_turns(rows) if dialect == "sqlite" else [(1, [json.dumps(rows)])]
    made: list[tuple[Any, ...]] = []
    for size, cells in turns:
        cursor.execute(derive(about.name, dialect, size), cells)
        made += cursor.fetchall()
    return {name: [row[i] for row in made] for i, name in enumerate(about.derived)}


def _found(cursor: DBAPICursor, statement: str) -> Rows:
    cursor.execute(statement)
    rows: Rows = cursor.fetchall()
    return rows


def _replies(
    cursor: DBAPICursor, dialect: str, asked: _Asked, loose: frozenset[str], *, whole_today: bool
) -> list[Rows]:
    statements = live_features(asked.subject, dialect, loose, whole_today=whole_today)
    if dialect == "sqlite":
        pose(cursor, asked.questions)
        if asked.is_news:
            cursor.execute(merge_past(asked.subject))
        return [_found(cursor, statement) for statement in statements]
    (statement,) = statements
    cursor.execute(statement, (json.dumps(asked.questions),))
    replies: list[Rows] = [[] for _ in repliers(asked.subject, whole_today=whole_today)]
    for number, *row in cursor.fetchall():
        replies[number].append(row)
    return replies


def _looks_at_every(dialect: str) -> bool:
    """Whether loose facts of every relation are looked at where any are.

    Each choice of relations has statements of its own, and to make these takes as long as hundreds
    of calls. To look where there are none costs SQLite little, and a server a third of a call.
    """
    return dialect == "sqlite"


def _loose(cursor: DBAPICursor, subject: str, dialect: str, at: int) -> frozenset[str]:
    """Name the facts to look at loose ones of at an instant or later; mostly there are none."""
    counted = feature_set(subject).counted_over
    cursor.execute(sees_loose(counted, dialect), (at,) * len(counted))
    (found,) = cursor.fetchall()
    every = any(found) and _looks_at_every(dialect)
    return frozenset(counted if every else compress(counted, found))


def _array(values: Sequence[Any], kind: str) -> NDArray[Any]:
    return np.array(values, dtype=object if kind == "string" else float)


class _Asked:
    """The questions that records put to what is remembered, and which of them are whose.

    Attributes
    ----------
    questions : list of tuple
        Number of the columns asked by, place, place of the day, keys, day, instant, and whose the
        record is, where it may see loose facts.
    is_news : bool
        Whether whole days are asked about that no earlier question of the past has.
    places : list of list of int
        By way to ask, the place of each record's question; :data:`_NOWHERE` where it lacks a key.
    """

    def __init__(self, subject: str, cells: Cells, past: Past, *, is_loose: bool) -> None:
        self.subject = subject
        self.questions: list[tuple[Any, ...]] = []
        self.is_news = False
        owners = cells[SUBJECTS[subject].own] if is_loose else [None] * len(cells["day"])
        self.places: list[list[int]] = []
        for columns, number in askings(subject).items():
            width, days = len(columns), past.days(subject, number)
            blank = [[None] * len(owners)] * (MOST_KEYS - width)
            keys = map(cells.__getitem__, columns)
            asked = zip(*keys, *blank, cells["day"], cells["known_at"], owners, strict=True)
            self.places.append(self._placed(number, width, asked, past, days))

    def _placed(
        self, number: int, width: int, asked: Iterable[tuple[Any, ...]], past: Past, days: Days
    ) -> list[int]:
        """Pose what records ask by certain columns, each question once, and say where each asks.

        A question is its keys, its day and instant, and whose the record is.
        """
        placed: dict[tuple[Any, ...], int] = {}
        places, known = [], len(days)
        for question in asked:
            place = placed.get(question)
            if place is None:
                if None in question[:width]:
                    place = _NOWHERE
                else:
                    place = past.last = past.last + 1
                    day_place = days.setdefault(question[: MOST_KEYS + 1], place)
                    self.questions.append((number, place, day_place, *question))
                placed[question] = place
            places.append(place)
        self.is_news |= len(days) > known
        return places

    def columns(self, replies: Sequence[Rows], layout: _Layout) -> Columns:
        """Lay each record's answers out by feature, missing where it lacks the key."""
        cells: list[Any] = [None] * (layout.widest + 1)  # what nothing was asked for
        begins = []
        for asking, rows in zip(layout.askings, replies, strict=True):
            begin: dict[int, int] = {}
            for row in rows:
                begin[row[0]] = len(cells)
                cells += row
            begins.append([begin.get(place, _NOTHING) for place in self.places[asking]])
        at = np.array(begins, dtype=int)[layout.replies] + layout.columns
        return dict(zip(layout.names, np.array(cells, dtype=float)[at], strict=True))


@dataclass(frozen=True)
class _Layout:
    """Where each feature stands in replies.

    Attributes
    ----------
    askings : list of int
        By reply, the number of the columns that it was asked by.
    names : list of str
        The features.
    replies : array of int, shape (features,)
        Which reply each is in.
    columns : array of int, shape (features, 1)
        Where it stands in a row, after the place.
    widest : int
        The most features in a reply.
    """

    askings: list[int]
    names: list[str]
    replies: NDArray[Any]
    columns: NDArray[Any]
    widest: int


@cache
def _layout(subject: str, *, whole_today: bool) -> _Layout:
    every = [[*them.values()] for them in repliers(subject, whole_today=whole_today)]
    named = [[name for asked in them for name in asked.columns] for them in every]
    stands = [(reply, i) for reply, names in enumerate(named) for i in range(1, len(names) + 1)]
    replies, columns = np.array(stands).T
    asked_by = [askings(subject)[them[0].asked_by] for them in every]
    return _Layout(asked_by, [*chain(*named)], replies, columns[:, None], max(map(len, named)))
