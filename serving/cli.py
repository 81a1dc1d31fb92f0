"""Commands of serving: `serve`, `keys create`, `bento build`.

Invariant: `keys create` prints the key and nothing else.
"""

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from features.options import HomeOption, home_of

app = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True, help="Make the keys that open the API.")
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
    from serving.launch import serve_command, serve_environment

    command = serve_command(host, port)
    os.execve(command[0], command, serve_environment(home_of(context, home)))  # noqa: S606


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
    from features.store import Store
    from serving.access import Access

    store = Store.open(home_of(context, home))
    try:
        access = Access(store.engine, lambda: datetime.now(UTC))
        until = None if expires is None else expires.replace(tzinfo=UTC)
        typer.echo(access.create(role, post, until))
    finally:
        store.close()


@bento.command("build")
def build_bento(context: typer.Context, home: HomeOption = None) -> None:
    """Pack the service and the champion into a bento and print its tag."""
    from serving.bento import build

    typer.echo(build(home_of(context, home)))
