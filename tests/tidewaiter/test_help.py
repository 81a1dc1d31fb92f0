"""The command line says what it offers, finds its home either way, and fails in one line."""

import socket
import sys

import pytest
import typer

from tests.tidewaiter.commands import CommandLine, in_another_process
from tidewaiter import cli

pytestmark = pytest.mark.xdist_group("help")
COMMANDS = {
    *("quickstart", "simulate", "load", "features", "train", "evaluate", "promote", "score"),
    *("serve", "keys create", "keys list", "keys revoke"),
}


def commands(group=None, before=""):
    """Every command by its full name, those of groups included."""
    for name, command in (group or typer.main.get_command(cli.app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory):
    """A home without records or models."""
    return tmp_path_factory.mktemp("empty") / "home"


@pytest.fixture
def fails(monkeypatch, capsys, empty_home):
    """Run a command that should fail and give its complaint, one line."""

    def run(*arguments):
        words = ["tidewaiter", "--home", str(empty_home), *arguments]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 1
        [line] = [one for one in capsys.readouterr().err.splitlines() if "tidewaiter: " in one]
        return line

    return run


def test_every_command_of_the_design_that_exists_is_offered():
    assert {name for name, _ in commands()} >= COMMANDS


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[n for n, _ in commands()])
def test_a_command_and_each_of_its_options_say_what_they_do(name, command):
    assert (command.help or "").strip().endswith(".")
    unsaid = [p.name for p in command.params if not (getattr(p, "help", "") or "").strip()]
    assert unsaid == []


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[n for n, _ in commands()])
def test_every_command_that_keeps_state_takes_a_home(name, command):
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--home" in options or name == "simulate"


def test_the_real_command_lists_its_commands(tmp_path):
    told = CommandLine(tmp_path / "home", run=in_another_process)("--help").stdout
    for name in COMMANDS:
        assert name.split()[0] in told
    assert not (tmp_path / "home").exists()


def test_the_home_stands_before_or_after_the_subcommand(tmp_path):
    before, after = CommandLine(tmp_path / "before"), tmp_path / "after"
    before("keys", "create", "--role", "auditor")
    before("keys", "create", "--role", "auditor", "--home", after)
    assert (tmp_path / "before" / "tidewaiter.db").is_file()
    assert (after / "tidewaiter.db").is_file()
    assert after.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["load", "absent.csv"], "absent.csv: no such file"),
        (["load", "absent.csv", "--format", "xml"], "expected --format, one of csv"),
        (["train", "ships"], "'ships'"),
        (["train", "shipments"], "inspect"),
        (["promote", "shipments", "7"], "7"),
        (["evaluate", "shipments"], "champion"),
        (["score", "ships", "absent.csv", "-o", "out.csv"], "'ships'"),
        (["score", "shipments", "absent.csv", "-o", "out.csv"], "champion"),
        (["features", "ships", "-o", "out.parquet"], "'ships'"),
        (["features", "shipments", "--id", "D1"], "D1"),
        (["features", "shipments"], "expected either"),
        (["score", "shipments", "new.csv", "-o", "absent/out.csv"], "in a folder that is"),
        (["features", "shipments", "-o", "absent/out.parquet"], "in a folder that is"),
        (["promote", "shipments", "1", "--override", " "], "reason of an override"),
        (["keys", "create", "--role", "smuggler"], "smuggler"),
        (["bento", "build"], "champion"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_error_the_user_can_mend_is_one_line_and_status_1(fails, arguments, told):
    assert told in fails(*arguments)


def test_a_service_that_could_not_serve_is_not_started(fails, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in ("serve", "quickstart"):
            assert f"port {port} of 127.0.0.1" in fails(command, "--port", port)
    monkeypatch.setenv("TIDEWAITER_CANARY_SHARE", "many")
    assert "TIDEWAITER_CANARY_SHARE" in fails("serve", "--port", port)
