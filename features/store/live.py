"""Asking the live store: columns of records in, what profiles say of them out, as arrays.

Two statements, compiled once, whatever the number of records: what is derived from the records
themselves, then the answers of every profile; on SQLite, one between them merges whole days that
were not asked about before. What is asked of a profile is asked once, however many records ask it:
keys and instant make a place, and each record reads the answer at its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from features.asking import Asked
from features.catalog import feature_set
from features.facts import SUBJECTS, Subject
from features.profiles import Profile
from features.store.engine import reading
from features.store.past import Days, Past
from features.store.questions import MOST_KEYS, pose
from features.store.statements import derive, live_features, merge_past, sees_loose

__all__ = ["ask"]

Cells = Mapping[str, Sequence[Any]]
Columns = dict[str, NDArray[Any]]
Rows = Sequence[tuple[Any, ...]]


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
        with past.within(), connection.begin():
            # Short statements, so they go to the driver itself.
            cursor = connection.connection.cursor()
            derived = _derived(cursor, about, dialect, own)
            loose = _loose(cursor, subject, dialect, min(own["known_at"], default=0))
            if dialect == "sqlite":
                past.agree(cursor, max(derived["day"], default=0))
            asked = _Asked(subject, own | derived, past, is_loose=bool(loose))
            rows = _answers(cursor, dialect, asked, loose)
    columns = {name: _array(derived[name], kind) for name, kind in about.derived.items()}
    return columns | asked.columns(rows)


def _derived(cursor: DBAPICursor, about: Subject, dialect: str, own: Cells) -> dict[str, list[Any]]:
    probe = json.dumps(list(zip(range(len(own["known_at"])), *own.values(), strict=True)))
    cursor.execute(derive(about.name, dialect), (probe,))
    made = cursor.fetchall()
    return {name: [row[i] for row in made] for i, name in enumerate(about.derived)}


def _answers(cursor: DBAPICursor, dialect: str, asked: _Asked, loose: frozenset[str]) -> Rows:
    statement = live_features(asked.subject, dialect, loose)
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
        Number of what is asked, place, place of the day, keys, day, instant, and whose the record
        is, where it may see loose facts.
    is_news : bool
        Whether whole days are asked about that no earlier question of the past has.
    places : array of int, shape (profiles and relations, records)
        Where each record finds each answer among those to these questions.
    """

    def __init__(self, subject: str, cells: Cells, past: Past, *, is_loose: bool) -> None:
        self.subject = subject
        self.is_loose = is_loose
        self.questions: list[tuple[Any, ...]] = []
        self.is_news = False
        self._before = past.last
        places = []
        for number, entry in enumerate(feature_set(subject).looked_up):
            days: Days = past.days(subject, number) if isinstance(entry, Profile) else {}
            known = len(days)
            places.append(self._ask(number, entry, cells, days))
            self.is_news |= isinstance(entry, Profile) and len(days) > known
        past.last += len(self.questions)
        self.places = np.array(places, dtype=int) - self._before

    def _ask(self, number: int, asked: Asked, cells: Cells, days: Days) -> list[int]:
        numbered: dict[tuple[Any, ...], int] = {}
        blank = (None,) * (MOST_KEYS - len(asked.keys))
        columns = [cells[name] for name in (*asked.asked_by, "day", "known_at")]
        owners = cells[SUBJECTS[self.subject].own] if self.is_loose else [None] * len(columns[0])
        places = []
        for *named, day, known_at, own in zip(*columns, owners, strict=True):
            question = (*named, *blank, day, known_at, own)
            place = self._before if None in named else numbered.get(question)
            if place is None:
                place = numbered[question] = self._before + len(self.questions) + 1
                day_place = days.setdefault(question[:-2], place)
                self.questions.append((number, place, day_place, *question))
            places.append(place)
        return places

    def columns(self, rows: Rows) -> Columns:
        """Lay each record's answers out by feature, missing where it lacks the key."""
        answers = np.full((len(self.questions) + 1, _width(self.subject)), np.nan)
        if rows:
            found = np.array(rows, dtype=float)
            answers[found[:, 0].astype(int) - self._before] = found
        laid = answers[self.places]
        return {name: laid[i, :, j] for name, (i, j) in _answered_by(self.subject).items()}


@cache
def _answered_by(subject: str) -> dict[str, tuple[int, int]]:
    """Say where each feature is answered: number of what is asked, and column of its rows."""
    return {
        name: (number, column)
        for number, entry in enumerate(feature_set(subject).looked_up)
        for column, name in enumerate(entry.columns, start=1)
    }


@cache
def _width(subject: str) -> int:
    return 1 + max(column for _, column in _answered_by(subject).values())
