"""A restored backup answers the same scores, in SQLite and in PostgreSQL."""

import json
import shutil
import sqlite3
import stat
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, make_url, text

from features.errors import TidewaiterError
from features.home import Home
from features.store import Store
from features.store.backup import backup, restore
from models.registry import Registry
from serving.assembly import assemble
from serving.principal import Principal
from serving.roles import Role
from tests.features.databases import postgres_server, tools_path
from tests.tidewaiter.commands import CommandLine

RECEIVED = datetime(2026, 3, 2, 12, tzinfo=UTC)
OFFICER = Principal("key", Role.OFFICER, None)


@pytest.fixture(scope="module")
def databases():
    """Give a function that makes an empty PostgreSQL database and returns its URL."""
    with postgres_server() as server:
        names = iter(range(99))

        def new():
            name = f"store_{next(names)}"
            engine = create_engine(server, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            return make_url(server).set(database=name).render_as_string(hide_password=False)

        yield new


@pytest.fixture(params=["sqlite", "postgresql"])
def new_home(request, tmp_path, monkeypatch, world):
    """Give a function that makes an empty home with the world's key."""
    monkeypatch.setenv("PATH", tools_path())
    create = request.getfixturevalue("databases") if request.param == "postgresql" else lambda: None

    def new(name):
        home = Home(tmp_path / name, create()).prepare()
        shutil.copy(world.home.pseudonym_path, home.pseudonym_path)
        return home

    return new


def answers(home, world, *batches):
    """Score batches of records in a home, with the world's champion."""
    desk = assemble(home, Registry(world.home), lambda: RECEIVED)
    try:
        scored = [desk.scoring.score("shipments", batch, RECEIVED, OFFICER) for batch in batches]
        return [json.loads(one.to_json())["scores"] for one in scored]
    finally:
        desk.scoring.store.close()


def test_a_restored_backup_answers_the_same_scores(world, new_home, tmp_path):
    old, new = new_home("old"), new_home("new")
    with Store.open(world.home) as source, Store.open(old) as store:
        for kind in ("declarations", "inspections"):
            store.take_in(kind, source.read(kind))
    kept, fresh = world.rows(5, "kept-"), world.rows(8, "fresh-")
    [before] = answers(old, world, kept)
    backup(old, tmp_path / "backup")
    restore(new, tmp_path / "backup")
    again, later = answers(new, world, kept, fresh)
    [there] = answers(old, world, fresh)
    assert again == before
    assert len(before) == 5
    assert [one | {"score_id": ""} for one in later] == [one | {"score_id": ""} for one in there]
    assert len(later) == 8


def test_a_backup_is_for_its_owner_and_never_written_over(new_home, tmp_path):
    home, file = new_home("home"), tmp_path / "backup"
    Store.open(home).close()
    backup(home, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(TidewaiterError, match="expected the name of a new file"):
        backup(home, file)
    with pytest.raises(TidewaiterError, match="there is one"):
        restore(home, file)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup"]


def test_what_is_no_backup_leaves_nothing_behind(new_home, tmp_path):
    home, file = new_home("home"), tmp_path / "backup"
    before = set(home.path.iterdir())
    for content in (b"", b"records", b"SQLite format 3\0" + b"x" * 5_000, b"PGDMP" + b"x" * 5_000):
        file.write_bytes(content)
        with pytest.raises(TidewaiterError):
            restore(home, file)
    with pytest.raises(TidewaiterError, match="is none"):
        restore(home, tmp_path / "absent")
    with pytest.raises(TidewaiterError, match="found none"):
        backup(home, tmp_path / "other")
    with pytest.raises(TidewaiterError, match="in a folder that is"):
        backup(home, tmp_path / "absent" / "other")
    assert set(home.path.iterdir()) == before
    assert not (tmp_path / "other").exists()


def test_a_backup_taken_while_others_write_holds_whole_transactions(tmp_path):
    home = Home(tmp_path / "home").prepare()
    with Store.open(home) as store:
        stop = threading.Event()

        def write():
            with sqlite3.connect(home.path / "tidewaiter.db", timeout=30) as connection:
                number = 0
                while not stop.is_set():
                    pair = [(f"{number}-{half}", "x") for half in "ab"]
                    connection.executemany("INSERT INTO properties VALUES (?, ?)", pair)
                    connection.commit()
                    number += 1

        before = len(rows_of(home.path / "tidewaiter.db"))
        writer = threading.Thread(target=write)
        writer.start()
        for number in range(10):
            backup(home, tmp_path / f"backup-{number}")
        stop.set()
        writer.join()
        assert store.answers()
    counts = [len(rows_of(tmp_path / f"backup-{number}")) - before for number in range(10)]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    assert {count % 2 for count in counts} == {0}


def rows_of(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT * FROM properties").fetchall()


def test_the_commands_say_what_else_a_home_needs(world, tmp_path):
    home = CommandLine(tmp_path / "home")
    file = tmp_path / "backup"
    Store.open(Home(tmp_path / "home").prepare()).close()
    said = home("backup", file).stdout
    for needed in ("pseudonym.key", "mlflow.db", "rejected"):
        assert needed in said
    elsewhere = CommandLine(tmp_path / "elsewhere")
    refused = elsewhere("restore", file, status=1)
    assert "pseudonym.key" in refused.stderr
    assert not (tmp_path / "elsewhere" / "tidewaiter.db").exists()
    (tmp_path / "elsewhere" / "pseudonym.key").write_text("no key")
    assert "64 hexadecimal digits" in elsewhere("keys", "list", status=1).stderr
    shutil.rmtree(tmp_path / "elsewhere")
    Home(tmp_path / "elsewhere").prepare()
    shutil.copy(tmp_path / "home" / "pseudonym.key", tmp_path / "elsewhere")
    assert "restored" in elsewhere("restore", file).stdout
    assert "there is one" in elsewhere("restore", file, status=1).stderr
    Store.open(Home(tmp_path / "elsewhere")).close()
