"""Bringing a store to this version of Tidewaiter: migrations, then tables made from the records.

It is one transaction, in which no other writer has a turn; several processes may open at once. A
store that a newer version has migrated is refused.
"""

from __future__ import annotations

import pkgutil
from functools import cache

from sqlalchemy import Connection, Engine, inspect, text

from features.errors import TidewaiterError
from features.store.derived import remake, stale_tables
from features.store.engine import take_turn, writing
from features.store.migrations import versions

__all__ = ["head", "upgrade"]


@cache
def head() -> str:
    """Revision of this version's schema, such as ``0001``: the last module's number."""
    names = [module.name for module in pkgutil.iter_modules(versions.__path__)]
    return max(name.removeprefix("v").partition("_")[0] for name in names)


def upgrade(engine: Engine) -> None:
    """Bring a store up to date; where it is, that takes three short reads."""
    with engine.connect() as connection:
        if _revision(connection) == head() and not stale_tables(connection):
            return
    with writing(engine).begin() as connection:
        take_turn(connection, wait_ms=0)
        if _revision(connection) != head():
            _migrate(connection)
        remake(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _migrate(connection: Connection) -> None:
    # Alembic takes half a second to import; a store that is up to date does without.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    _refuse_what_is_not_ours_to_migrate(connection)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "features.store:migrations")
    command.upgrade(config, "head")


def _refuse_what_is_not_ours_to_migrate(connection: Connection) -> None:
    revision = _revision(connection)
    if revision is not None and revision > head():
        raise TidewaiterError(
            f"the store has schema {revision}, newer than this version's {head()};"
            " run the version of Tidewaiter that migrated it, or a later one"
        )
    if revision is None and inspect(connection).has_table("declarations"):
        raise TidewaiterError(
            "the store's tables carry no schema version: they were made before there were any;"
            " load the records into a new store"
        )
