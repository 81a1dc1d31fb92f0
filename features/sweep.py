"""History swept in DuckDB: the expressions of :mod:`features.history`, run on this machine.

Statements are compiled once a process. Texts become numbers first, so that DuckDB groups, orders
and joins integers; an answer comes back in no order, each row with the number of the row that
asked. What does not fit into memory is spilled to a folder of temporary files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from features.catalog import FeatureSet, feature_set
from features.codes import coded, numbering
from features.facts import FACTS, SUBJECTS, Subject
from features.facts.fact import dated
from features.history import Entity, Progress, answers, entities, moments, strays
from features.relations import Relation
from features.seen import loose
from features.store.statements import given_records
from features.store.times import to_micros

__all__ = ["Sweep"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class Sweep:
    """Records of history and those asked about, in DuckDB.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the records are laid out.
    features : FeatureSet
        What is asked about them.
    rows : int
        How many are asked about.
    is_history : bool
        Whether these are all of history's, rather than some beside it.
    """

    connection: duckdb.DuckDBPyConnection
    features: FeatureSet
    rows: int
    is_history: bool

    @classmethod
    @contextmanager
    def over(
        cls, features: FeatureSet, history: Mapping[str, pd.DataFrame], asked: pd.DataFrame
    ) -> Iterator[Sweep]:
        """Lay out history and the rows asked about, for as long as the block lasts.

        Where ``asked`` is the very frame that history has, it is laid out once; of a kind that
        history lacks there is nothing.
        """
        is_history = history[features.about.kind] is asked
        with (
            tempfile.TemporaryDirectory(prefix="tidewaiter-") as folder,
            duckdb.connect(config={"temp_directory": folder}) as connection,
        ):
            for name in features.sources:
                _give(connection, name, history.get(name))
            _give(connection, "asked", asked.assign(row_number=np.arange(len(asked))))
            yield cls.laid_out(connection, features, len(asked), is_history=is_history)

    @classmethod
    def laid_out(
        cls,
        connection: duckdb.DuckDBPyConnection,
        features: FeatureSet,
        rows: int,
        *,
        is_history: bool,
    ) -> Sweep:
        """Lay out the relations ``given_<kind>`` and ``given_asked`` of a connection."""
        for statement in _layout(features.subject, is_history):
            connection.execute(statement)
        return cls(connection, features, rows, is_history)

    def derived(self) -> dict[str, pd.Series]:
        """Give what is derived from the rows asked about, in their order."""
        subject = self.features.about
        table = self.connection.sql(_derived(subject.name)).to_arrow_table()
        return {name: table[name].to_pandas() for name in subject.derived}

    def answers(self, progress: Progress) -> dict[str, np.ndarray]:
        """Give what the profiles say of the rows asked about, in their order; NaN is missing."""
        columns: dict[str, np.ndarray] = {}
        for query in self._queries(progress):
            columns |= _in_order(self.connection.sql(query).to_arrow_table(), 0, self.rows)
        return columns

    def keep_answers(self, progress: Progress) -> tuple[str, ...]:
        """Keep the same in tables, in the order of ``row_number``; names them."""
        names = []
        for number, query in enumerate(self._queries(progress)):
            names.append(f"answers_{number}")
            kept = f"CREATE TABLE {names[-1]} AS SELECT * FROM ({query}) ORDER BY row_number"
            self.connection.execute(kept)
        return tuple(names)

    def kept_answers(self, name: str, start: int, end: int) -> dict[str, np.ndarray]:
        """Read answers kept, of the rows from a number to before another."""
        query = f"SELECT * FROM {name} WHERE row_number >= {start} AND row_number < {end}"
        return _in_order(self.connection.sql(query).to_arrow_table(), start, end)

    def rows_asked(self, start: int, end: int) -> pd.DataFrame:
        """Read rows asked about, with what is derived from them."""
        chosen = f"row_number >= {start} AND row_number < {end}"
        every = _sql(_asked(self.features.about))
        query = f"SELECT * FROM ({every}) WHERE {chosen} ORDER BY row_number"
        return self.connection.sql(query).df()

    def _queries(self, progress: Progress) -> Iterator[str]:
        """Give one query after another; what a query reads is there until the next."""
        subject, not_settled = self.features.subject, self._not_settled()
        every = entities(self.features)
        for relation in self.features.relations:
            yield _met(subject, relation, not_settled)
        for done, entity in enumerate(every, start=1):
            laid, query = _swept(subject, entity, not_settled, self.is_history)
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE moments AS {laid}")
            yield query
            progress(done / len(every))

    def _not_settled(self) -> tuple[str, ...]:
        """Name the facts of which some do not stay."""
        some = "SELECT 1 FROM facts_{} WHERE until IS NOT NULL LIMIT 1"
        names = self.features.counted_over
        found = {name: self.connection.execute(some.format(name)).fetchall() for name in names}
        return tuple(name for name, rows in found.items() if rows)


def _in_order(answers: pa.Table, start: int, end: int) -> dict[str, np.ndarray]:
    """Lay answers out by ``row_number`` from start to before end; NaN where there is none."""
    places = answers["row_number"].to_numpy() - start
    columns = {}
    for name in answers.column_names:
        if name != "row_number":
            columns[name] = np.full(end - start, np.nan)
            columns[name][places] = answers[name].to_numpy()
    return columns


def _give(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame | None) -> None:
    if frame is None:
        connection.register(
            f"given_{name}", given_records(name).schema().to_pyarrow().empty_table()
        )
        return
    table = pa.Table.from_pandas(to_micros(frame), preserve_index=False)
    if "superseded_at" not in frame.columns:
        table = table.append_column("superseded_at", pa.nulls(len(frame), pa.int64()))
    connection.register(f"given_{name}", table)


def _sql(expression: Expression) -> str:
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _asked(subject: Subject) -> Expression:
    columns = dict(given_records(subject.kind).schema()) | {"row_number": "int64"}
    return subject.rows(ibis.table(columns, name="given_asked"))


@cache
def _derived(subject: str) -> str:
    derived = SUBJECTS[subject].derived
    return _sql(_asked(SUBJECTS[subject]).select("row_number", *derived).order_by("row_number"))


@cache
def _sorts(subject: str) -> dict[str, str]:
    """Name the columns that are numbered, each with the sort of thing it names.

    Columns that are compared with one another are of one sort, and share their numbers.
    """
    features, own = feature_set(subject), SUBJECTS[subject].own
    sorts = {own: own, "owner": own}
    for profile in (*features.profiles, *(relation.links for relation in features.relations)):
        for key, column in zip_longest(profile.keys, profile.asked_by):
            one, other = (sorts.setdefault(name, name) for name in (key, column or key))
            sorts |= {name: one for name, sort in sorts.items() if sort == other}
    return sorts


@cache
def _plain(subject: str) -> dict[str, Expression]:
    """Give the rows asked about and the facts, with the keys they are looked up by."""
    about, sorts = SUBJECTS[subject], _sorts(subject)
    asked = _asked(about)
    asked = asked.mutate(until=ibis.null("int64"), owner=asked[about.own])
    known = ("row_number", "owner", *about.facts.columns)
    chosen = [*known, *(name for name in sorts if name in asked.columns and name not in known)]
    made = {"asked": asked.select(*chosen)}
    for name in feature_set(subject).counted_over:
        facts = FACTS[name]
        made[f"facts_{name}"] = facts.of({kind: given_records(kind) for kind in facts.kinds})
    return {name: _needed(rows, subject) for name, rows in made.items()}


def _needed(rows: Expression, subject: str) -> Expression:
    """Leave out the keys that nothing is looked up by."""
    spare = set(SUBJECTS[subject].facts.keys) - set(_sorts(subject))
    return rows.drop(*(spare & set(rows.columns)))


@cache
def _coded(subject: str) -> dict[str, Expression]:
    """Give the same with numbers for texts."""
    sorts, made = _sorts(subject), {}
    numbers = {
        sort: ibis.table({"text": "string", "code": "int32"}, name=f"numbers_{sort}")
        for sort in set(sorts.values())
    }
    for name, rows in _plain(subject).items():
        own = {column: numbers[sorts[column]] for column in rows.columns if column in sorts}
        made[name] = coded(rows, own)
    return made


@cache
def _tables(subject: str) -> dict[str, Expression]:
    return {name: ibis.table(rows.schema(), name=name) for name, rows in _coded(subject).items()}


def _numbered(subject: str, is_history: bool) -> dict[str, Expression]:
    """Give the numbers of every sort of thing, from the relations whose things are not others'."""
    plain, sorts, about = _plain(subject), _sorts(subject), SUBJECTS[subject]
    # What is known of a subject's own records names nothing that these do not.
    spare = {f"facts_{name}" for name, facts in FACTS.items() if facts.subject == subject}
    if not is_history:
        spare.discard(f"facts_{about.facts.name}")
    known = [rows for name, rows in plain.items() if name not in spare]
    return {
        f"numbers_{sort}": numbering(
            rows[column] for rows in known for column in rows.columns if sorts.get(column) == sort
        )
        for sort in dict.fromkeys(sorts.values())
    }


@cache
def _layout(subject: str, is_history: bool) -> tuple[str, ...]:
    """Give the statements that make the tables, in order."""
    about, tables = SUBJECTS[subject], _tables(subject)
    own = f"facts_{about.facts.name}"
    made = _numbered(subject, is_history) | _coded(subject)
    if is_history:
        rows = tables["asked"]
        made["asked"] = _as_facts(made["asked"], about.own)
        made |= {own: rows, "strays": loose(rows)}
    else:
        made["strays"] = strays(tables["asked"], tables[own], about)
    shared = {own} if is_history else set()
    return tuple(
        f"CREATE TEMP {'VIEW' if name in shared else 'TABLE'} {name} AS {_sql(query)}"
        for name, query in made.items()
    )


def _as_facts(asked: Expression, own: str) -> Expression:
    """Say until when rows asked about, all of them in force, are seen as facts."""
    rows = asked.mutate(ends=asked.until, is_loose=False).drop("until")
    return dated(rows, own).select(asked.columns)


def _facts(subject: str) -> dict[str, Expression]:
    return {name: _tables(subject)[f"facts_{name}"] for name in feature_set(subject).counted_over}


@cache
def _swept(
    subject: str, entity: Entity, not_settled: tuple[str, ...], is_history: bool
) -> tuple[str, str]:
    """Give the query of an entity's moments, and that of its answers from them."""
    asked, facts = _tables(subject)["asked"], _facts(subject)
    among = SUBJECTS[subject].facts.name
    is_whole = is_history and among not in not_settled
    others = None if is_whole else ibis.table(asked.schema(), name="strays")
    laid = moments(entity, facts, asked, among, others)
    held = ibis.table(laid.schema(), name="moments")
    loose_facts = {name: facts[name] for name in not_settled}
    found = answers(entity, held, asked, ["row_number"], loose_facts, subject)
    return _sql(laid), _sql(found)


@cache
def _met(subject: str, relation: Relation, not_settled: tuple[str, ...]) -> str:
    """Give the query of whom entities dealt with."""
    facts, asked = _facts(subject)[relation.facts], _tables(subject)["asked"]
    is_loose = relation.facts in not_settled
    return _sql(relation.answers(facts, asked, ["row_number"], subject, is_loose=is_loose))
