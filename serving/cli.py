"""Commands of serving: `serve`, `keys create`, `keys list`, `keys revoke`, `bento build`.

Invariant: `keys create` prints the key and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from features.options import HomeOption, home_of

if TYPE_CHECKING:
    from serving.access import Access

app = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys that open the API.")
bento = typer.Typer(no_args_is_help=True, help="Pack the service and its model.")
app.add_typer(keys, name="keys")
app.add_typer(bento, name="bento")


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    home: HomeOption = None,
) -> None:
    """Serve scores over HTTP, until interrupted."""
    from serving.canary import share_named
    from serving.launch import check_free, serve_command, serve_environment

    environment = serve_environment(home_of(context, home))
    share_named()  # or every worker would fail at it
    check_free(host, port)
    command = serve_command(host, port)
    os.execve(command[0], command, environment)  # noqa: S606


@keys.command("create")
def create_key(
    context: typer.Context,
    role: Annotated[str, typer.Option(help="administrator, officer, analyst, partner or auditor.")],
    post: Annotated[str | None, typer.Option(help="Border post or office of the holder.")] = None,
    expires: Annotated[
        datetime | None,
        typer.Option(help="First day (UTC) the key is no longer valid.", formats=["%Y-%m-%d"]),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Make a key and print it, and nothing else. It cannot be shown again."""
    with _access(context, home) as access:
        until = None if expires is None else expires.replace(tzinfo=UTC)
        typer.echo(access.create(role, post, until))


@keys.command("list")
def list_keys(context: typer.Context, home: HomeOption = None) -> None:
    """List every key by its id, which the log names too; keys themselves are not kept."""
    with _access(context, home) as access:
        for row in access.every():
            times = ((name, row[f"{name}_at"]) for name in ("created", "expires", "revoked"))
            told = [f"{name} {at:%Y-%m-%d %H:%M}Z" for name, at in times if at is not None]
            typer.echo("  ".join([row["key_id"], row["role"], row["post"] or "-", *told]))


@keys.command("revoke")
def revoke_key(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(help="Its id, as `keys list` and the log have it.")],
    home: HomeOption = None,
) -> None:
    """Close a key for good; a running service refuses it within a second."""
    with _access(context, home) as access:
        access.revoke(key_id)


@contextmanager
def _access(context: typer.Context, home: HomeOption) -> Iterator[Access]:
    from features.store import Store
    from serving.access import Access

    with Store.open(home_of(context, home)) as store:
        yield Access(store.engine, lambda: datetime.now(UTC))


@bento.command("build")
def build_bento(context: typer.Context, home: HomeOption = None) -> None:
    """Pack the service and the champion into a bento and print its tag."""
    from serving.bento import build

    typer.echo(build(home_of(context, home)))
