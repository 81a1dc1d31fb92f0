"""History swept in DuckDB: the expressions of :mod:`features.history`, run on this machine.

An answer comes back in no order, each row with the number of the row that asked. What does not fit
into memory is spilled to a folder of temporary files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from features.catalog import FeatureSet, feature_set
from features.history import Progress, entities
from features.store.statements import given_records
from features.store.times import to_micros
from features.swept import asked_rows, derived, layout, met, sql, swept

__all__ = ["Sweep"]


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
            # Facts are laid out for the whole set, of which this may be a part.
            for name in feature_set(features.subject).sources:
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
        for statement in layout(features.subject, is_history):
            connection.execute(statement)
        return cls(connection, features, rows, is_history)

    def derived(self) -> dict[str, pd.Series]:
        """Give what is derived from the rows asked about, in their order."""
        subject = self.features.about
        table = self.connection.sql(derived(subject.name)).to_arrow_table()
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
        every = sql(asked_rows(self.features.about))
        query = f"SELECT * FROM ({every}) WHERE {chosen} ORDER BY row_number"
        return self.connection.sql(query).df()

    def _queries(self, progress: Progress) -> Iterator[str]:
        """Give one query after another; what a query reads is there until the next."""
        subject, not_settled = self.features.subject, self._not_settled()
        every = entities(self.features)
        for relation in self.features.relations:
            yield met(subject, relation, not_settled)
        is_whole = self.is_history and self.features.about.facts.name not in not_settled
        for done, entity in enumerate(every, start=1):
            own = {profile.facts for profile in entity}
            laid, query = swept(subject, entity, not_settled & own, is_whole)
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE moments AS {laid}")
            yield query
            progress(done / len(every))

    def _not_settled(self) -> frozenset[str]:
        """Name the facts of which some do not stay."""
        some = "SELECT 1 FROM facts_{} WHERE until IS NOT NULL LIMIT 1"
        names = self.features.counted_over
        found = {name: self.connection.execute(some.format(name)).fetchall() for name in names}
        return frozenset(name for name, rows in found.items() if rows)


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
