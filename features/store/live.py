"""Asking the live store: columns of records in, what profiles say of them out, as arrays.

Two statements, compiled once, whatever the number of records: what is derived from the records
themselves, then the answers of every profile; on SQLite, one between them merges whole days that
were not asked about before. What is asked of a profile is asked once, however many records ask it:
keys and instant make a place, and each record reads the answer at its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from features.catalog import feature_set
from features.facts import SUBJECTS, Subject
from features.store.engine import driven, reading
from features.store.lookups import derive, live_features, merge_past, sees_loose
from features.store.past import Days, Past
from features.store.questions import MOST_KEYS, TURNS, Rows, askings, in_turns, pose

__all__ = ["ask", "make_statements", "tells_whole_days"]

Cells = Mapping[str, Sequence[Any]]
Columns = dict[str, NDArray[Any]]
_NOWHERE = 0  # the question of records that lack a key


def ask(engine: Engine, subject: str, cells: Cells) -> Columns:
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
    dialect, about = engine.dialect.name, SUBJECTS[subject]
    own = {name: cells[name] for name in about.reads}
    with reading(engine).connect() as connection:
        past = Past.kept_by(connection)
        with past.within(), connection.begin(), driven(connection) as cursor:
            derived = _derived(cursor, about, dialect, own)
            loose = _loose(cursor, subject, dialect, min(own["known_at"], default=0))
            if tells_whole_days(dialect):
                past.agree(cursor, max(derived["day"], default=0))
            asked = _Asked(subject, own | derived, past, is_loose=bool(loose))
            whole_today = past.ends_before(min(own["known_at"], default=0))
            rows = _answers(cursor, dialect, asked, loose, whole_today=whole_today)
    columns = {name: _array(derived[name], kind) for name, kind in about.derived.items()}
    return columns | asked.columns(rows)


def tells_whole_days(dialect: str) -> bool:
    """Whether the last instant at which anything is known is kept, so that no look-up is needed."""
    return dialect == "sqlite"


def make_statements(subject: str, dialect: str) -> None:
    """Make and keep the statements by which records of a subject are mostly asked about."""
    for rows in TURNS:
        derive(subject, dialect, rows)
    for whole_today in {False, tells_whole_days(dialect)}:
        live_features(subject, dialect, frozenset(), whole_today=whole_today)


def _derived(cursor: DBAPICursor, about: Subject, dialect: str, own: Cells) -> dict[str, list[Any]]:
    places = range(len(own["known_at"]))
    rows = list(zip(places, *(own[name] for name in about.derived_from), strict=True))
    turns = in_turns(rows) if dialect == "sqlite" else [(1, [json.dumps(rows)])]
    made: list[tuple[Any, ...]] = []
    for size, cells in turns:
        cursor.execute(derive(about.name, dialect, size), cells)
        made += cursor.fetchall()
    return {name: [row[i] for row in made] for i, name in enumerate(about.derived)}


def _answers(
    cursor: DBAPICursor, dialect: str, asked: _Asked, loose: frozenset[str], *, whole_today: bool
) -> Rows:
    statement = live_features(asked.subject, dialect, loose, whole_today=whole_today)
    if dialect == "sqlite":
        pose(cursor, asked.questions)
        if asked.is_news:
            cursor.execute(merge_past(asked.subject))
        cursor.execute(statement)
    else:
        cursor.execute(statement, (json.dumps(asked.questions),))
    rows: Rows = cursor.fetchall()
    return rows


def _loose(cursor: DBAPICursor, subject: str, dialect: str, at: int) -> frozenset[str]:
    """Name the facts of which some are loose at an instant or later; mostly there are none."""
    counted = feature_set(subject).counted_over
    cursor.execute(sees_loose(counted, dialect), (at,) * len(counted))
    (found,) = cursor.fetchall()
    return frozenset(compress(counted, found))


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
    places : array of int, shape (ways to ask, records)
        Which question each record asks, counted from one; zero where it lacks a key.
    """

    def __init__(self, subject: str, cells: Cells, past: Past, *, is_loose: bool) -> None:
        self.subject = subject
        self.questions: list[tuple[Any, ...]] = []
        self.is_news = False
        self._before = past.last
        owners = cells[SUBJECTS[subject].own] if is_loose else [None] * len(cells["day"])
        places = []
        for columns, number in askings(subject).items():
            asking = _Asking.of([cells[name] for name in columns], cells, owners)
            places.append(self._ask(number, asking, past.days(subject, number)))
        past.last += len(self.questions)
        self.places = np.array(places, dtype=int)

    def _ask(self, number: int, asking: _Asking, days: Days) -> list[int]:
        before, known = len(self.questions), len(days)
        first = self._before + before + 1
        places = range(first, first + len(asking.questions))
        day_places = map(days.setdefault, asking.days, places)
        self.questions += [
            (number, place, day_place, *question)
            for place, day_place, question in zip(places, day_places, asking.questions, strict=True)
        ]
        self.is_news |= len(days) > known
        return [before + which if which else _NOWHERE for which in asking.which]

    def columns(self, rows: Rows) -> Columns:
        """Lay each record's answers out by feature, missing where it lacks the key."""
        asked_by, width = _answered(self.subject)
        # What is found, after a row for what is not; few questions have an answer of each.
        found = np.full((len(rows) + 1, width), np.nan)
        which = np.zeros((len(asked_by), len(self.questions) + 1), dtype=np.int32)
        if rows:
            # Arrow would take half the time, and keep ten megabytes for each thread that ever did.
            cells = np.fromiter(chain.from_iterable(rows), object, len(rows) * len(rows[0]))
            numbered = cells.astype(float).reshape(len(rows), -1)
            found[1:] = numbered[:, 2:]
            numbers, places = numbered[:, :2].astype(int).T
            which[numbers, places - self._before] = np.arange(1, len(rows) + 1)
        laid = found[which[np.arange(len(asked_by))[:, None], self.places[asked_by]]]
        return {name: laid[i, :, j] for name, (i, j) in _answered_by(self.subject).items()}


@dataclass(frozen=True)
class _Asking:
    """What records ask by certain columns of theirs, each once.

    Attributes
    ----------
    questions : list of tuple
        Keys, day, instant, and whose the record is.
    days : list of tuple
        Keys and day of each.
    which : list of int
        Which of them each record asks, counted from one; zero where it lacks a key.
    """

    questions: list[tuple[Any, ...]]
    days: list[tuple[Any, ...]]
    which: list[int]

    @classmethod
    def of(cls, keys: list[Sequence[Any]], cells: Cells, owners: Sequence[Any]) -> _Asking:
        blank = [[None] * len(owners)] * (MOST_KEYS - len(keys))
        numbered: dict[tuple[Any, ...], int] = {}
        which = [
            0 if None in question[: len(keys)] else numbered.setdefault(question, len(numbered) + 1)
            for question in zip(*keys, *blank, cells["day"], cells["known_at"], owners, strict=True)
        ]
        days = [question[: MOST_KEYS + 1] for question in numbered]
        return cls(list(numbered), days, which)


@cache
def _answered_by(subject: str) -> dict[str, tuple[int, int]]:
    """Say where each feature is answered: by which number, and in which of its columns."""
    return {
        name: (number, column)
        for number, entry in enumerate(feature_set(subject).looked_up)
        for column, name in enumerate(entry.columns)
    }


@cache
def _answered(subject: str) -> tuple[list[int], int]:
    """Say by which columns each number is asked, and how many features one answers at most."""
    every = feature_set(subject).looked_up
    asked_by = [askings(subject)[entry.asked_by] for entry in every]
    return asked_by, max(len(entry.columns) for entry in every)
