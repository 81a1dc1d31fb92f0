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
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from features.catalog import RECORDS, FeatureSet
from features.codes import coded, numbering
from features.facts import FACTS, ITEM_KEYS, SOURCES, dated, items
from features.history import Entity, Progress, answers, entities, moments, strays
from features.relations import Relation
from features.seen import loose
from features.store.statements import given_records
from features.store.times import to_micros

__all__ = ["Sweep"]

Expression = Any  # ibis publishes no types
_DERIVED = ("hs", "heading", "log_unit_value")
# The facts that the rows asked about are themselves.
_AMONG = "items"


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

        Where ``asked`` is the very frame that history has, it is laid out once.
        """
        is_history = history[RECORDS[features.subject]] is asked
        with (
            tempfile.TemporaryDirectory(prefix="tidewaiter-") as folder,
            duckdb.connect(config={"temp_directory": folder}) as connection,
        ):
            for name in SOURCES:
                _give(connection, name, history[name])
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
        for statement in _layout(_keys(features), is_history):
            connection.execute(statement)
        return cls(connection, features, rows, is_history)

    def derived(self) -> dict[str, pd.Series]:
        """Give what is derived from the rows asked about, in their order."""
        table = self.connection.sql(_derived()).to_arrow_table()
        return {name: table[name].to_pandas() for name in _DERIVED}

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
        query = f"SELECT * FROM ({_sql(_asked())}) WHERE {chosen} ORDER BY row_number"
        return self.connection.sql(query).df()

    def _queries(self, progress: Progress) -> Iterator[str]:
        """Give one query after another; what a query reads is there until the next."""
        every, not_settled = entities(self.features), self._not_settled()
        keys = _keys(self.features)
        for relation in self.features.relations:
            yield _met(relation, keys, not_settled)
        for done, entity in enumerate(every, start=1):
            laid, query = _swept(entity, keys, not_settled, self.is_history)
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE moments AS {laid}")
            yield query
            progress(done / len(every))

    def _not_settled(self) -> tuple[str, ...]:
        """Name the facts of which some do not stay."""
        some = "SELECT 1 FROM facts_{} WHERE until IS NOT NULL LIMIT 1"
        found = {name: self.connection.execute(some.format(name)).fetchall() for name in FACTS}
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


def _give(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(to_micros(frame), preserve_index=False)
    if "superseded_at" not in frame.columns:
        table = table.append_column("superseded_at", pa.nulls(len(frame), pa.int64()))
    connection.register(f"given_{name}", table)


def _keys(features: FeatureSet) -> tuple[str, ...]:
    """Name the keys that the profiles look facts up by."""
    profiles = (*features.profiles, *(relation.links for relation in features.relations))
    named = {key for profile in profiles for key in profile.keys}
    return tuple(key for key in ITEM_KEYS if key in named)


def _sql(expression: Expression) -> str:
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _asked() -> Expression:
    columns = dict(given_records("declarations").schema()) | {"row_number": "int64"}
    return items(ibis.table(columns, name="given_asked"))


@cache
def _derived() -> str:
    return _sql(_asked().select("row_number", *_DERIVED).order_by("row_number"))


def _plain(keys: tuple[str, ...]) -> dict[str, Expression]:
    """Give the rows asked about and the facts, with the keys they are looked up by."""
    asked = _asked().mutate(until=ibis.null("int64"))
    made = {"asked": asked.select("row_number", *FACTS[_AMONG].columns)}
    for name, facts in FACTS.items():
        made[f"facts_{name}"] = facts.of({kind: given_records(kind) for kind in facts.kinds})
    return {name: rows.drop(*(set(ITEM_KEYS) - set(keys))) for name, rows in made.items()}


def _coded(keys: tuple[str, ...]) -> dict[str, Expression]:
    """Give the same with numbers for texts."""
    numbers = {
        name: ibis.table({"text": "string", "code": "int32"}, name=f"numbers_{name}")
        for name in ("declaration_id", *keys)
    }
    return {name: coded(rows, numbers) for name, rows in _plain(keys).items()}


@cache
def _tables(keys: tuple[str, ...]) -> dict[str, Expression]:
    return {name: ibis.table(rows.schema(), name=name) for name, rows in _coded(keys).items()}


@cache
def _layout(keys: tuple[str, ...], is_history: bool) -> tuple[str, ...]:
    """Give the statements that make the tables, in order."""
    plain, tables, own = _plain(keys), _tables(keys), f"facts_{_AMONG}"
    known = [plain["asked"]] if is_history else [plain["asked"], plain[own]]
    made = {f"numbers_{name}": numbering(name, known) for name in ("declaration_id", *keys)}
    made |= _coded(keys)
    if is_history:
        rows = tables["asked"]
        made["asked"] = _as_facts(made["asked"])
        made |= {own: rows, "strays": loose(rows)}
    else:
        made["strays"] = strays(tables["asked"], tables[own])
    shared = {own} if is_history else set()
    return tuple(
        f"CREATE TEMP {'VIEW' if name in shared else 'TABLE'} {name} AS {_sql(query)}"
        for name, query in made.items()
    )


def _as_facts(asked: Expression) -> Expression:
    """Say until when rows asked about, all of them in force, are seen as facts."""
    own = FACTS[_AMONG].own
    rows = asked.mutate(ends=asked.until, is_loose=False).drop("until")
    return dated(rows, own).select(asked.columns)


@cache
def _swept(
    entity: Entity, keys: tuple[str, ...], not_settled: tuple[str, ...], is_history: bool
) -> tuple[str, str]:
    """Give the query of an entity's moments, and that of its answers from them."""
    tables = _tables(keys)
    asked, facts = tables["asked"], {name: tables[f"facts_{name}"] for name in FACTS}
    is_whole = is_history and _AMONG not in not_settled
    others = None if is_whole else ibis.table(asked.schema(), name="strays")
    laid = moments(entity, facts, asked, _AMONG, others)
    held = ibis.table(laid.schema(), name="moments")
    found = answers(
        entity, held, asked, ["row_number"], {name: facts[name] for name in not_settled}
    )
    return _sql(laid), _sql(found)


@cache
def _met(relation: Relation, keys: tuple[str, ...], not_settled: tuple[str, ...]) -> str:
    """Give the query of whom entities dealt with."""
    tables, name = _tables(keys), relation.facts
    facts = tables[f"facts_{name}"]
    return _sql(
        relation.answers(facts, tables["asked"], ["row_number"], is_loose=name in not_settled)
    )
