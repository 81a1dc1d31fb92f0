"""Keep a store in a file, and make a store of the file again.

A backup is one state of the store, taken while others write: SQLite's own online backup, or a dump
by PostgreSQL's own tools. A file that is there is whole; nothing that exists is written over.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, make_url

from features.errors import TidewaiterError
from features.home import Home
from features.store.engine import open_engine
from features.store.keyed import check_key_is_there

__all__ = ["backup", "restore"]


def backup(home: Home, file: Path) -> None:
    """Write the home's store to a new file, readable by its owner only.

    Raises
    ------
    TidewaiterError
        Where the file exists, there is no store, or PostgreSQL's tools are absent or fail.
    """
    if file.exists() or not file.parent.is_dir():
        raise TidewaiterError(f"expected the name of a new file in a folder that is, got {file}")
    if not _has_store(home):
        raise TidewaiterError(f"expected a store at {_said(home)}, found none")
    write = _dump if _is_postgresql(home) else _copy_from
    _drafted(file, lambda draft: write(home, draft))


def restore(home: Home, file: Path) -> None:
    """Make the home's store from a backup of the same kind of database.

    Raises
    ------
    TidewaiterError
        Where there is a store already, the key of the pseudonyms is not there yet, or the file is
        no such backup.
    """
    if _has_store(home):
        raise TidewaiterError(f"expected no store at {_said(home)} yet, there is one")
    check_key_is_there(home)
    kind, head = ("PostgreSQL", b"PGDMP") if _is_postgresql(home) else ("SQLite", b"SQLite format")
    if not file.is_file() or _head(file, len(head)) != head:
        raise TidewaiterError(f"expected a backup of a store in {kind}, {file} is none")
    if _is_postgresql(home):
        _run("pg_restore", home, "--single-transaction", f"--schema={_schema(home)}", str(file))
    else:
        _drafted(_path(home), lambda draft: _copy(file, draft))


def _copy_from(home: Home, draft: Path) -> None:
    _copy(_path(home), draft)


def _copy(source: Path, target: Path) -> None:
    """Copy a database in one step, in which writers go on, into a file that stands alone."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
            [(said,)] = new.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        raise TidewaiterError(f"expected a whole store in {source}: {error}") from error
    if said != "ok":
        raise TidewaiterError(f"expected a whole store in {source}: {said}")


def _dump(home: Home, draft: Path) -> None:
    wanted = ("--format=custom", f"--schema={_schema(home)}", f"--file={draft}")
    _run("pg_dump", home, *wanted)


def _run(tool: str, home: Home, *arguments: str) -> None:
    """Run one of PostgreSQL's tools; the password goes by the environment, where none sees it."""
    found = shutil.which(tool)
    if found is None:
        raise TidewaiterError(f"expected {tool} of PostgreSQL's client tools, found none")
    url = make_url(home.database_url).set(drivername="postgresql")
    bare = url.set(password=None).render_as_string()
    environment = dict(os.environ) | ({"PGPASSWORD": str(url.password)} if url.password else {})
    command = [found, "--no-owner", "--no-privileges", f"--dbname={bare}", *arguments]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode != 0:
        raise TidewaiterError(f"{tool} failed: {ran.stderr.strip()}")


def _drafted(file: Path, write: Callable[[Path], None]) -> None:
    """Write beside a file's place and move it there when it is whole and on disk."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        write(draft)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def _has_store(home: Home) -> bool:
    if not _is_postgresql(home) and not _path(home).exists():
        return False
    engine = open_engine(home.database_url)
    try:
        return inspect(engine).has_table("alembic_version")
    finally:
        engine.dispose()


def _schema(home: Home) -> str:
    engine = open_engine(home.database_url)
    try:
        return str(inspect(engine).default_schema_name)
    finally:
        engine.dispose()


def _is_postgresql(home: Home) -> bool:
    return open_engine(home.database_url).dialect.name == "postgresql"


def _path(home: Home) -> Path:
    return Path(str(make_url(home.database_url).database))


def _said(home: Home) -> str:
    return make_url(home.database_url).render_as_string(hide_password=True)


def _head(file: Path, length: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(length)
