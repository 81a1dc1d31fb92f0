"""The declared features over history on Spark, for records that outgrow one machine.

The profiles' expressions run unchanged, through Ibis. Records come from Parquet and features go to
Parquet: nothing but the records' number passes through the process that asks. What is derived from
a record is computed by the same functions as everywhere, on every worker, whole declarations at a
time; so the workers need this package installed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pandas as pd
from pyspark.errors import AnalysisException, PySparkRuntimeError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - Spark's own name for it
from pyspark.sql import types as T  # noqa: N812

from features.catalog import FeatureSet, feature_set
from features.errors import TidewaiterError
from features.facts import FACTS
from features.finishing import finished
from features.given import check_columns, refuse_repeated, repeated
from features.history import Progress, answers, entities, moments, strays
from features.home import Home
from features.records import KINDS, Kind
from features.seen import loose
from features.store import Store

__all__ = ["feature_files", "features_of_home", "local_session"]

Expression = Any  # ibis publishes no types
_TYPES = {str: "string", int: "bigint", float: "double", bool: "boolean", datetime: "timestamp"}
# Rows that a worker derives features of at once: enough to vectorise, few enough for any worker.
_ROWS_AT_ONCE = 50_000


@contextmanager
def local_session(cores: int = 2, memory: str = "2g") -> Iterator[SparkSession]:
    """Open a Spark session on this machine, which only loopback reaches."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark asks for python3 otherwise
    builder = SparkSession.builder.master(f"local[{cores}]").appName("tidewaiter")
    options = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": memory,
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise TidewaiterError(
            f"Spark expects Java 17 or later, and did not start: {error}"
        ) from error
    try:
        yield session
    finally:
        session.stop()


def features_of_home(
    home: Home,
    subject: str,
    records: Path | None,
    output: Path,
    progress: Progress = lambda _share: None,
) -> int:
    """Compute features on this machine's Spark and give their number.

    Parameters
    ----------
    records, output : see :func:`feature_files`; without records, those of the home's store.
    """
    if output.exists():
        raise TidewaiterError(f"{output} exists already; Spark writes a new folder of files")
    with TemporaryDirectory(prefix="tidewaiter-") as scratch:
        folder = records or _written(home, subject, Path(scratch))
        with local_session(os.cpu_count() or 1) as session:
            return feature_files(session, subject, folder, output, progress)


def _written(home: Home, subject: str, folder: Path) -> Path:
    with Store.open(home) as store:
        store.write_versions(folder, feature_set(subject).sources)
    return folder


def feature_files(
    session: SparkSession,
    subject: str,
    records: Path | str,
    output: Path | str,
    progress: Progress = lambda _share: None,
) -> int:
    """Compute the features of every record of a subject and write them as Parquet.

    Parameters
    ----------
    session : SparkSession
        Local or of a cluster; its time zone is set to UTC.
    subject : str
        ``shipments`` or ``crossings``.
    records : path
        A folder with ``<kind>.parquet``, each a file or a folder of files: accepted, pseudonymised
        records. Where they come in versions, ``superseded_at`` says from when another holds, and is
        missing for those in force; without the column, each record stands once. Where a kind is
        absent there are none of it.
    output : path
        A folder of Parquet files to write, in order of ``known_at`` and identity; it must not
        exist.

    Returns
    -------
    int
        The rows written.
    """
    features = feature_set(subject)
    engine = _Spark(session)
    about = features.about
    given = {
        name: engine.given(KINDS[name], f"{records}/{name}.parquet", needed=name == about.kind)
        for name in features.sources
    }
    current = given[about.kind]
    in_force = current.filter(current.superseded_at.isnull(), ~current.cancelled)
    rows = about.rows(in_force)
    asked = engine.keep("asked", rows.mutate(owner=rows[about.own]))
    rows = _answered(engine, features, given, asked, progress)
    count = int(engine.frame(asked).count())
    table = _finished(features, engine.frame(rows), 1 + count // _ROWS_AT_ONCE)
    # Sorting reads its input twice: once to find the ranges.
    engine.kept(table).orderBy("known_at", *features.identity[:-1]).write.parquet(str(output))
    progress(1.0)
    return count


class _Spark:
    """An engine of temporary views in one session."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        # Instants are read and written in UTC, whole microseconds, as pandas and DuckDB do.
        session.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        self.connection = ibis.pyspark.connect(session)

    def given(self, kind: Kind, path: str, *, needed: bool) -> Expression:
        """Give a file or folder of records as a relation, checked against its kind."""
        frame = self._read(path)
        if frame is None and needed:
            raise TidewaiterError(f"{path}: expected Parquet files of {kind.name}, found nothing")
        if frame is None:
            empty = T.StructType([T.StructField(n, T.NullType()) for n in kind.fields])
            frame = self.session.createDataFrame([], empty)
        else:
            types = {field.name: field.dataType.simpleString() for field in frame.schema}
            check_columns(kind, types, T.TimestampType().simpleString(), path)
        fields = kind.types | {"superseded_at": datetime}
        frame = frame.select(*(_column(frame, name, plain) for name, plain in fields.items()))
        frame.createOrReplaceTempView(f"records_{kind.name}")
        for found in self.session.sql(repeated(kind, f"records_{kind.name}")).collect():
            refuse_repeated(kind, found, path)
        return self.connection.table(f"records_{kind.name}")

    def _read(self, path: str) -> DataFrame | None:
        try:
            return self.session.read.parquet(path)
        except AnalysisException as error:
            if error.getCondition() != "PATH_NOT_FOUND":
                raise
            return None

    def frame(self, relation: Expression) -> DataFrame:
        """Give a relation as Spark's own."""
        return self.session.sql(self.connection.compile(relation))

    def kept(self, frame: DataFrame) -> DataFrame:
        """Work a frame out at once, so that what reads it does not plan it again.

        In the session's checkpoint folder where it has one; else on the executors, in memory and
        on disk, where it is lost with them.
        """
        if self.session.sparkContext.getCheckpointDir():
            return frame.checkpoint()
        return frame.localCheckpoint()

    def keep(self, name: str, relation: Expression) -> Expression:
        self.kept(self.frame(relation)).createOrReplaceTempView(name)
        return ibis.table(relation.schema(), name=name)

    def holds(self, relation: Expression) -> bool:
        """Whether a relation has any row."""
        return self.frame(relation.limit(1)).count() > 0

    def forget(self, *names: str) -> None:
        for name in names:
            self.session.catalog.dropTempView(name)


def _column(frame: DataFrame, name: str, plain: type) -> Any:
    column = F.col(name) if name in frame.columns else F.lit(None)
    typed = column.cast(_TYPES[plain])
    if plain is bool:  # a flag that is not raised may be missing
        typed = F.coalesce(typed, F.lit(False))
    return (F.unix_micros(typed) if plain is datetime else typed).alias(name)


def _answered(
    engine: _Spark,
    features: FeatureSet,
    given: Mapping[str, Expression],
    asked: Expression,
    progress: Progress,
) -> Expression:
    """Lay beside the rows asked about what the profiles say of them."""
    about, names = features.about, features.counted_over
    facts = {name: engine.keep(f"facts_{name}", FACTS[name].of(given)) for name in names}
    kept = {name: made for name, made in facts.items() if engine.holds(loose(made))}
    identity, own = list(about.identity), about.facts.name
    others = engine.keep("strays", strays(asked, facts[own], about)) if own in kept else None
    rows, every = asked, entities(features)
    for done, entity in enumerate(every, start=1):
        name = f"{entity[0].entity}_{entity[0].name}"
        laid = engine.keep(f"moments_{name}", moments(entity, facts, asked, own, others))
        answered = answers(entity, laid, asked, identity, kept, about.name)
        found = engine.keep(f"answers_{name}", answered)
        engine.forget(f"moments_{name}")
        columns = [column for column in found.columns if column not in identity]
        joined = rows.left_join(found, identity)
        rows = joined.select(*(rows[column] for column in rows.columns), *columns)
        progress(done / (len(every) + 1))
    for relation in features.relations:
        found = relation.answers(facts, asked, identity, about.name, kept)
        met = engine.keep(f"met_{'_'.join(relation.columns)}", found)
        joined = rows.left_join(met, identity)
        rows = joined.select(*(rows[column] for column in rows.columns), *relation.columns)
    return rows


def _finished(features: FeatureSet, rows: DataFrame, parts: int) -> DataFrame:
    """Derive the remaining features on the workers, a share of the declarations at a time."""
    share = F.pmod(F.xxhash64(features.identity[0]), F.lit(parts))
    grouped = rows.withColumn("share", share).groupBy("share")
    return grouped.applyInPandas(_finisher(features.subject), _schema(features))


def _finisher(subject: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def finish(rows: pd.DataFrame) -> pd.DataFrame:
        return finished(feature_set(subject), rows)

    return finish


def _schema(features: FeatureSet) -> T.StructType:
    types: Mapping[str, T.DataType] = {"item_number": T.LongType(), "known_at": T.TimestampType()}
    identity = [T.StructField(name, types.get(name, T.StringType())) for name in features.identity]
    kinds = {"number": T.DoubleType(), "category": T.StringType()}
    return T.StructType(
        identity + [T.StructField(f.name, kinds[f.kind]) for f in features.features]
    )
