"""What Alembic runs: migrates the connection it is given, or the home's store for a developer.

``python -m alembic revision --autogenerate --rev-id 0003 -m "..."`` drafts a new version; tables
made from the records are no part of it.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from features.home import Home
from features.store.engine import open_engine, writing
from features.store.schema import metadata


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        include_object=lambda _, name, kind, *__: kind != "table" or not _is_derived(name),
    )
    context.run_migrations()


def _is_derived(name: str | None) -> bool:
    return (name or "").startswith(("facts_", "tiles_", "pairs_"))


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with writing(open_engine(Home.find().database_url)).begin() as own:
        _migrate(own)
