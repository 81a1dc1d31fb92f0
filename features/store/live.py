"""Asking the live store: columns of records in, what profiles say of them out, as arrays.

Two statements, compiled once, whatever the number of records: what is derived from the records
themselves, then the answers of every profile. What is asked of a profile is asked once, however
many records ask it: keys and instant make a place, and each record reads the answer at its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from features.catalog import feature_set
from features.store.questions import MOST_KEYS, answered
from features.store.statements import PROBE_COLUMNS, derive, derived_schema, live_features

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
        What :func:`features.facts.items` derives and the profiles' features, in the records' order.
    """
    dialect = engine.dialect.name
    own = {name: cells[name] for name in PROBE_COLUMNS if name != "row_number"}
    probe = json.dumps(list(zip(range(len(own["known_at"])), *own.values(), strict=True)))
    with engine.connect() as connection:
        made = connection.exec_driver_sql(derive(dialect), (probe,)).all()
        derived = {name: [row[i] for row in made] for i, name in enumerate(derived_schema())}
        asked = _Asked(subject, own | derived)
        rows = answered(connection, live_features(subject, dialect), asked.questions)
    columns = {name: _array(derived[name], kind) for name, kind in derived_schema().items()}
    return columns | asked.columns(rows)


def _array(values: Sequence[Any], kind: str) -> NDArray[Any]:
    return np.array(values, dtype=object if kind == "string" else float)


class _Asked:
    """The questions that records put to profiles, and which of them are whose.

    Attributes
    ----------
    questions : list of tuple
        Number of the profile, place, place of the day, keys, day and instant.
    places : array of int, shape (profiles, records)
        Where each record finds each profile's answer.
    """

    def __init__(self, subject: str, cells: Cells) -> None:
        self.subject = subject
        self.questions: list[tuple[Any, ...]] = []
        profiles = feature_set(subject).profiles
        places = [self._ask(number, p.keys, cells) for number, p in enumerate(profiles)]
        self.places = np.array(places, dtype=int)

    def _ask(self, number: int, keys: tuple[str, ...], cells: Cells) -> list[int]:
        numbered: dict[tuple[Any, ...], int] = {}
        days: dict[tuple[Any, ...], int] = {}
        blank = (None,) * (MOST_KEYS - len(keys))
        columns = [cells[name] for name in (*keys, "day", "known_at")]
        places = []
        for *named, day, known_at in zip(*columns, strict=True):
            question = (*named, *blank, day, known_at)
            place = _NOWHERE if None in named else numbered.get(question)
            if place is None:
                place = numbered[question] = len(self.questions) + 1
                day_place = days.setdefault(question[:-1], place)
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
    """Profile, and column of its rows, in which each feature is answered."""
    return {
        name: (number, column)
        for number, profile in enumerate(feature_set(subject).profiles)
        for column, name in enumerate(profile.columns, start=1)
    }


@cache
def _width(subject: str) -> int:
    return 1 + max(column for _, column in _answered_by(subject).values())
