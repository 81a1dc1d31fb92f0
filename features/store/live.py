"""Asking the live store: columns of records in, what profiles say of them out, as arrays.

Two statements, compiled once, whatever the number of records: what is derived from the records
themselves, then the answers of every profile. What is asked of a profile is asked once, however
many records ask it: keys and instant make a place, and each record reads the answer at its place.
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
from features.facts import SUBJECTS
from features.store.engine import reading
from features.store.questions import MOST_KEYS, answered
from features.store.statements import derive, live_features, sees_loose

__all__ = ["ask"]

Cells = Mapping[str, Sequence[Any]]
Columns = dict[str, NDArray[Any]]
_NOWHERE = 0  # the place of records that lack a key


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
    probe = json.dumps(list(zip(range(len(own["known_at"])), *own.values(), strict=True)))
    with reading(engine).connect() as connection:
        connection.begin()
        # Short statements, so they go to the driver itself; closing rolls the questions back.
        cursor = connection.connection.cursor()
        cursor.execute(derive(subject, dialect), (probe,))
        made = cursor.fetchall()
        derived = {name: [row[i] for row in made] for i, name in enumerate(about.derived)}
        loose = _loose(cursor, subject, dialect, min(own["known_at"], default=0))
        asked = _Asked(subject, own | derived, is_loose=bool(loose))
        rows = answered(cursor, live_features(subject, dialect, loose), dialect, asked.questions)
    columns = {name: _array(derived[name], kind) for name, kind in about.derived.items()}
    return columns | asked.columns(rows)


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
    places : array of int, shape (profiles and relations, records)
        Where each record finds each answer.
    """

    def __init__(self, subject: str, cells: Cells, *, is_loose: bool) -> None:
        self.subject = subject
        self.is_loose = is_loose
        self.questions: list[tuple[Any, ...]] = []
        every = feature_set(subject).looked_up
        places = [self._ask(number, entry, cells) for number, entry in enumerate(every)]
        self.places = np.array(places, dtype=int)

    def _ask(self, number: int, asked: Asked, cells: Cells) -> list[int]:
        numbered: dict[tuple[Any, ...], int] = {}
        days: dict[tuple[Any, ...], int] = {}
        blank = (None,) * (MOST_KEYS - len(asked.keys))
        columns = [cells[name] for name in (*asked.asked_by, "day", "known_at")]
        owners = cells[SUBJECTS[self.subject].own] if self.is_loose else [None] * len(columns[0])
        places = []
        for *named, day, known_at, own in zip(*columns, owners, strict=True):
            question = (*named, *blank, day, known_at, own)
            place = _NOWHERE if None in named else numbered.get(question)
            if place is None:
                place = numbered[question] = len(self.questions) + 1
                day_place = days.setdefault(question[:-2], place)
                self.questions.append((number, place, day_place, *question))
            places.append(place)
        return places

    def columns(self, rows: Sequence[tuple[Any, ...]]) -> Columns:
        """Lay each record's answers out by feature, missing where it lacks the key."""
        answers = np.full((len(self.questions) + 1, _width(self.subject)), np.nan)
        if rows:
            found = np.array(rows, dtype=float)
            answers[found[:, 0].astype(int)] = found
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
