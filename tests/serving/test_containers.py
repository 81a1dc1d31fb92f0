"""The container and compose files, held to the project as far as goes without an engine."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import create_engine, make_url, text
from typer.testing import CliRunner

from models.registry import CHAMPION, Registry
from tests.features.databases import postgres_server, tools_path
from tests.processes import free_port, started, wait_until
from tests.tidewaiter.commands import environment
from tidewaiter.cli import app

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "Containerfile").read_text().replace("\\\n", " ").splitlines()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
PASSWORDS = {"TIDEWAITER_DATABASE_PASSWORD": "one1", "MLFLOW_DATABASE_PASSWORD": "two2"}


def told(instruction):
    """Read the arguments of every instruction of a name."""
    return [line.partition(" ")[2] for line in LINES if line.startswith(f"{instruction} ")]


def interpolated(text):
    """Do to a text what compose does, with passwords as given."""
    return re.sub(r"\$\{(\w+):\?\}", lambda name: PASSWORDS[name[1]], text).replace("$$", "$")


def set_variables():
    words = shlex.split(" ".join(told("ENV")))
    return dict(word.split("=", 1) for word in words)


def test_what_is_copied_exists_and_is_let_through():
    let = set((ROOT / ".dockerignore").read_text().splitlines())
    copied = [name for line in told("COPY") for name in line.split()[:-1]]
    assert {"features", "models", "training", "serving", "tidewaiter"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in let


def test_the_image_installs_the_pins_and_runs_as_no_root():
    [install] = [line for line in told("RUN") if "pip install" in line]
    assert "--constraint constraints.txt" in install
    assert told("USER") == ["tidewaiter"]
    assert LINES.index("USER tidewaiter") > LINES.index(f"RUN {install}")


def test_what_is_served_is_what_is_exposed_checked_and_published():
    [command] = [yaml.safe_load(line) for line in told("CMD")]
    assert command[:2] == ["tidewaiter", "serve"]
    options = dict(zip(command[2::2], command[3::2], strict=True))
    assert options == {"--host": "0.0.0.0", "--port": told("EXPOSE")[0]}  # noqa: S104
    said = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).output
    assert set(options) <= set(re.findall(r"--\w+", said))
    [check] = told("HEALTHCHECK")
    assert f"http://127.0.0.1:{options['--port']}/livez" in check
    assert SERVICES["service"]["ports"] == [f"127.0.0.1:{options['--port']}:{options['--port']}"]


def test_telemetry_is_off_as_at_home(tmp_path):
    from features.home import _ENVIRONMENT

    variables = set_variables()
    for name in ("BENTOML_DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        assert variables[name] == _ENVIRONMENT[name]


def test_variables_are_those_the_project_reads():
    home = (ROOT / "features" / "home.py").read_text()
    for name in SERVICES["service"]["environment"]:
        assert f'os.environ.get("{name}")' in home
    assert (
        SERVICES["service"]["environment"]["TIDEWAITER_HOME"]
        == (set_variables()["TIDEWAITER_HOME"])
    )


def test_addresses_name_services_of_the_file_with_users_and_databases_it_makes():
    url = make_url(interpolated(SERVICES["service"]["environment"]["TIDEWAITER_DATABASE_URL"]))
    made = {k: interpolated(v) for k, v in SERVICES["postgres"]["environment"].items()}
    assert (url.username, url.password, url.database, url.host, url.port) == (
        *(made["POSTGRES_USER"], made["POSTGRES_PASSWORD"], made["POSTGRES_DB"]),
        *("postgres", 5432),
    )
    options = mlflow_options()
    tracked = make_url(options["--backend-store-uri"])
    assert (tracked.username, tracked.password, tracked.host, tracked.port) == (
        *("mlflow", made["MLFLOW_DATABASE_PASSWORD"]),
        *("postgres", 5432),
    )
    uri = SERVICES["service"]["environment"]["MLFLOW_TRACKING_URI"]
    assert uri == f"http://mlflow:{options['--port']}"
    assert uri.removeprefix("http://") in options["--allowed-hosts"].split(",")


def test_volumes_are_declared_used_and_where_the_programs_write():
    used = [volume.split(":") for one in SERVICES.values() for volume in one["volumes"]]
    assert {name for name, _ in used} == set(COMPOSE["volumes"])
    places = dict(used)
    assert places["home"] == set_variables()["TIDEWAITER_HOME"]
    assert places["artefacts"] == mlflow_options()["--artifacts-destination"]
    [made] = [line for line in told("RUN") if "install --directory" in line]
    assert {places["home"], places["artefacts"]} <= set(made.split())


def test_what_is_published_is_for_this_machine_only():
    for one in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))


def test_no_password_has_a_default():
    written = (ROOT / "compose.yaml").read_text()
    assert set(re.findall(r"\$\{(\w+)", written)) == set(PASSWORDS)
    assert len(re.findall(r"\$\{\w+:\?\}", written)) == written.count("${")


def mlflow_options():
    words = [interpolated(word) for word in SERVICES["mlflow"]["command"]]
    return dict(word.split("=", 1) for word in words if "=" in word)


@pytest.fixture
def database():
    """A PostgreSQL server on which the script of the compose file has run."""
    script = interpolated(COMPOSE["configs"]["mlflow_database"]["content"])
    with postgres_server() as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE ROLE tidewaiter SUPERUSER LOGIN"))
            connection.execute(text("CREATE DATABASE tidewaiter OWNER tidewaiter"))
        engine.dispose()
        where = {
            "PGHOST": make_url(url).query["host"],
            "PGUSER": "tidewaiter",
            "PATH": tools_path(),
        }
        told = os.environ | where | PASSWORDS
        subprocess.run(["sh", "-e"], input=script, text=True, check=True, env=told)
        own = {"username": "mlflow", "password": "two2", "database": "mlflow"}
        yield make_url(url).set(drivername="postgresql+psycopg", **own)


def test_the_mlflow_of_the_file_keeps_a_model_and_gives_it_back(
    database, world, tmp_path, monkeypatch
):
    port = free_port()
    replaced = {
        "--backend-store-uri": database.set(drivername="postgresql+psycopg").render_as_string(
            False
        ),
        "--artifacts-destination": str(tmp_path / "artefacts"),
        "--host": "127.0.0.1",
        "--port": str(port),
        "--allowed-hosts": f"127.0.0.1:{port}",
        "--workers": "1",
    }
    words = [interpolated(word) for word in SERVICES["mlflow"]["command"]]
    named = [word.partition("=")[0] for word in words]
    given = [f"{name}={replaced[name]}" if name in replaced else name for name in named]
    assert given[:2] == ["mlflow", "server"]
    command = [sys.executable, "-m", *given]
    model = Registry(world.home).champion("shipments").model
    with started(command, tmp_path, environment(**set_variables())) as process:
        health = f"http://127.0.0.1:{port}/health"
        wait_until(lambda: answers(health), process, 240, tmp_path / "err")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        registry = Registry(world.home)
        run = registry.client.create_run(registry.experiment("shipments"))
        registry.set_alias("shipments", CHAMPION, registry.register(model, run, {}))
        loaded = Registry(world.home).champion("shipments")
    assert loaded.model.fingerprint == model.fingerprint
    assert any((tmp_path / "artefacts").rglob("*.json"))


def answers(url):
    try:
        return httpx.get(url, timeout=60).is_success
    except httpx.TransportError:
        return False
