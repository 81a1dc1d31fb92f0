"""The store: records, daily tiles, scores and keys, in SQLite by default or in PostgreSQL.

What a caller was told is written is on disk, and every batch is one transaction: see
:mod:`features.store.engine`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, and_, or_, select, true
from sqlalchemy.exc import OperationalError

from features.errors import TidewaiterError
from features.home import Home
from features.records import kind_of
from features.store import live
from features.store.engine import open_engine, reading, writing
from features.store.frames import (
    READ_AT_ONCE,
    arrow_schema,
    read_frame,
    read_tables,
    version_columns,
)
from features.store.held import as_filed, known_among
from features.store.intake import Taken, make_statements, take_in
from features.store.keyed import check_key
from features.store.merging import make_mergers
from features.store.preparing import prepare_for_amendments
from features.store.room import make_room
from features.store.rows import Records
from features.store.schema import metadata, shadow_scores
from features.store.scorekeeping import (
    Pair,
    Sheet,
    find_scores,
    read_score,
    write_scores,
)
from features.store.stamps import stamp
from features.store.times import micros
from features.store.turn import Turn
from features.store.upgrade import upgrade
from features.store.versions import Version
from features.store.warm import Warm

__all__ = ["Store"]


class Store:
    """An open store.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Connected to a database whose tables exist; see :meth:`open`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        make_mergers(engine)
        self._writer = writing(engine)
        self._warm = Warm(engine)
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="tidewaiter-commit")

    @classmethod
    def open(cls, home: Home) -> Store:
        """Open the home's store, brought up to date with this version.

        Raises
        ------
        TidewaiterError
            Where the database does not answer, a newer version has migrated it, or its pseudonyms
            are made with another key than the home's.
        """
        engine = open_engine(home.database_url)
        try:
            upgrade(engine)
            check_key(engine, home)
        except OperationalError as error:
            engine.dispose()
            raise TidewaiterError(f"no store at {engine.url!r}: {error.orig}") from error
        except TidewaiterError:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Give every connection back."""
        self._aside.shutdown()
        self._warm.close()
        self.engine.dispose()

    def __enter__(self) -> Store:
        """Use the store in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def writing(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that will write; it ends with its block, whole or not at all."""
        return self._writer.begin()

    def flush(self) -> None:
        """Have what was written by transactions that need not last be on disk from now on."""
        with self.writing() as connection:
            stamp(connection, "flushed")

    def make_room(self) -> None:
        """Be ready to write as fast as after hours of writing: see :mod:`features.store.room`."""
        make_room(self.engine)

    def take_in(
        self,
        kind: str,
        records: Records,
        progress: Callable[[int], None] | None = None,
        received_at: datetime | None = None,
    ) -> Taken:
        """Take accepted, pseudonymised records in, all or none: a frame, or mappings.

        Parameters
        ----------
        received_at : datetime, optional
            When they came, if one by one: a record that is already known unchanged then stays
            known from when it first was, whoever brings it again.
        """
        if not len(records):
            return Taken(0, 0, 0)
        with self.writing() as connection:
            return take_in(connection, kind, records, progress, received_at)

    def turn(self) -> Turn:
        """Take a turn at writing records and then their scores: see :class:`Turn`."""
        return Turn(self._warm, self._aside)

    def rehearse(self, kind: str, records: Records) -> None:
        """Take records in and forget them: statements are then made, which is slow once a process.

        They are made before the writer's turn begins, so that others wait no longer than for any
        record.
        """
        make_statements(kind, self.engine.dialect.name)
        with self._writer.connect() as connection, connection.begin() as rehearsal:
            take_in(connection, kind, records)
            rehearsal.rollback()

    def prepare(self, subject: str) -> None:
        """Make the statements by which a subject is asked about: seconds, once an installation."""
        live.make_statements(subject, self.engine.dialect.name, is_loose=False)

    def prepare_for_amendments(self, subject: str) -> None:
        """Make those by which records are amended, and a subject is asked about beside these."""
        prepare_for_amendments(subject, self.engine.dialect.name)

    def holds(self, kind: str) -> bool:
        """Whether there is any record of a kind."""
        with self.engine.connect() as connection:
            return (
                connection.execute(select(metadata.tables[kind].c.seq).limit(1)).first() is not None
            )

    def known_among(self, kind: str, groups: Iterable[str]) -> set[str]:
        """Name those of some groups, such as declarations, of which there was ever any record."""
        with reading(self.engine).connect() as connection:
            return known_among(connection, kind_of(kind), groups)

    def read(
        self,
        kind: str,
        as_of: datetime | None = None,
        *,
        sealed: bool = False,
        fields: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Read every record of a kind: its current version, or the one in force before a time.

        Records that were withdrawn by then are left out, and so are sealed fields (the names and
        addresses of parties), unless record linkage asks for them. `fields` are all by default.
        """
        held = metadata.tables[kind].c
        in_force: ColumnElement[bool] = held.superseded_at.is_(None)
        if as_of is not None:
            later = held.superseded_at >= micros(as_of)
            in_force = and_(held.known_at < micros(as_of), or_(in_force, later))
        names = [n for n in kind_of(kind).fields if sealed or n not in kind_of(kind).sealed]
        if fields is not None:
            names = [n for n in names if n in fields]
        where = and_(in_force, held.cancelled.is_(False))
        with self._one_state() as connection:
            return read_frame(connection, kind, names, where)

    def versions(self, kind: str) -> pd.DataFrame:
        """Read every version of a kind's records; ``superseded_at`` is missing where in force."""
        return self.history((kind,))[kind]

    def history(self, kinds: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Read every version of several kinds' records, all in one state of the store."""
        with self._one_state() as connection:
            return {
                kind: read_frame(connection, kind, version_columns(kind), true()) for kind in kinds
            }

    def write_versions(self, folder: Path, kinds: Iterable[str]) -> None:
        """Write the same as ``<kind>.parquet``, some rows at a time."""
        with self._one_state() as connection:
            for kind in kinds:
                names = version_columns(kind)
                with pq.ParquetWriter(
                    folder / f"{kind}.parquet", arrow_schema(kind, names)
                ) as writer:
                    for table in read_tables(connection, kind, names, true()):
                        writer.write_table(table)

    def _one_state(self) -> Connection:
        return reading(self.engine).connect().execution_options(yield_per=READ_AT_ONCE)

    def as_filed(self, kind: str, records: Records, received_at: datetime) -> tuple[Version, ...]:
        """Say since when records count, or would if they were taken in: see :meth:`take_in`."""
        with reading(self.engine).connect() as connection:
            return as_filed(connection, kind, records, received_at)

    @property
    def prefers_ahead(self) -> bool:
        """Whether records are quicker to look up before they are taken in than after."""
        return live.tells_whole_days(self.engine.dialect.name)

    def live(self, subject: str, cells: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[Any]]:
        """Ask what a subject's profiles say of records: see :func:`features.store.live.ask`."""
        with reading(self.engine).connect() as connection:
            return live.ask(connection, subject, cells)

    def keep_shadow_scores(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep scores that nobody is answered with, apart from those that somebody is."""
        with self.writing() as connection:
            write_scores(connection, Sheet.of(rows), shadow_scores)

    def find_scores(self, subject: str, pairs: Sequence[Pair]) -> dict[Pair, dict[str, Any]]:
        """Find kept scores by (record_id, content_hash)."""
        with self.engine.connect() as connection:
            return find_scores(connection, subject, pairs)

    def read_score(self, score_id: str) -> dict[str, Any] | None:
        """Read a score again, or None where there is none of that identifier."""
        with self.engine.connect() as connection:
            return read_score(connection, score_id)

    def answers(self) -> bool:
        """Whether the database answers."""
        with self.engine.connect() as connection:
            return connection.execute(select(1)).scalar_one() == 1
