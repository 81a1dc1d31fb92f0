from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, insert, text

from features.errors import TidewaiterError
from features.home import Home
from features.measures import Mean
from features.store import Store, Taken, derived, migrations
from features.store.engine import open_engine, writing
from features.store.schema import metadata, profiles
from features.store.times import to_micros
from features.store.upgrade import head
from tests.features.conftest import declaration, keep, score
from tests.features.records.drawn import example
from tests.features.tiles import tiles
from tests.features.worlds import frame

ROOT = Path(__file__).parents[2]
# What version 0001 kept of these records' contents, computed by it.
HASHES_AT_0001 = {
    "declarations": "5a18a9e339c9a1ba491e2db17eb356dc",
    "inspections": "00850758da4186ce3a89bae541cb59ea",
}


def taken_in(home: Home) -> dict[str, list[tuple[object, ...]]]:
    with Store.open(home) as store:
        rows = [declaration(1, "2026-01-01T10:00"), declaration(2, "2026-01-01T11:00")]
        store.take_in("declarations", frame("declarations", rows))
        return tiles(store)


def execute(home: Home, *statements: str) -> None:
    with Store.open(home) as store, store.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_an_opened_store_has_exactly_the_declared_schema(new_home):
    with Store.open(new_home()) as store, store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_head_is_the_last_migration():
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_heads() == [head()]


def made_at(home: Home, revision: str, *rows: tuple[str, dict[str, object]]) -> None:
    """Make a store as an earlier version left it, with records in it."""
    engine = open_engine(home.database_url)
    with writing(engine).begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "features.store:migrations")
        command.upgrade(config, revision)
        for table, row in rows:
            columns = Table(table, MetaData(), autoload_with=connection)
            connection.execute(insert(columns), row)
    engine.dispose()


def as_kept(kind: str, row: dict[str, object]) -> tuple[str, dict[str, object]]:
    """Say a record as version 0001 wrote it: no flag, and its content hashed without one."""
    checked = frame(kind, [row])
    (values,) = to_micros(checked).astype(object).to_dict("records")
    known = {name: value for name, value in values.items() if pd.notna(value)}
    del known["cancelled"]
    return kind, known | {"batch": 1, "content_hash": HASHES_AT_0001[kind]}


def test_a_store_of_version_0001_keeps_its_records_none_of_them_cancelled(new_home):
    home = new_home()
    declared = declaration(1, "2026-01-01T10:00")
    found = {
        "inspection_id": "I1",
        "subject": "shipments",
        "subject_id": "D1",
        "known_at": "2026-01-09T10:00",
        "result": "clear",
    }
    made_at(home, "0001", as_kept("declarations", declared), as_kept("inspections", found))
    with Store.open(home) as store:
        with store.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for kind, row in (("declarations", declared), ("inspections", found)):
            filed = frame(kind, [row])
            pd.testing.assert_frame_equal(store.read(kind), filed)
            assert store.take_in(kind, filed) == Taken(0, 1, 0)
            withdrawn = [row | {"cancelled": True, "known_at": "2026-02-01"}]
            assert store.take_in(kind, frame(kind, withdrawn)) == Taken(0, 0, 1)
            assert store.versions(kind)["cancelled"].tolist()[-1:] == [True]
        with Store.open(new_home()) as fresh:
            fresh.take_in("declarations", frame("declarations", [declared]))
            fresh.take_in("inspections", frame("inspections", [found]))
            for kind, row in (("declarations", declared), ("inspections", found)):
                withdrawn = [row | {"cancelled": True, "known_at": "2026-02-01"}]
                fresh.take_in(kind, frame(kind, withdrawn))
            assert tiles(store) == tiles(fresh)


def test_a_score_of_version_0004_keeps_its_features(new_home):
    home, features = new_home(), {"weight": 2.5, "from": "CN", "gap": None}
    kept = score(1, known_at=10, features=json.dumps(features))
    made_at(home, "0004", ("scores", kept))
    with Store.open(home) as store:
        assert store.read_score("S1")["features"] == features
        keep(store, [score(2, known_at=20, features=features | {"gap": 1.0})])
        assert store.read_score("S2")["features"] == features | {"gap": 1.0}
        assert store.read_score("S2")["supersedes"] == "S1"


@pytest.mark.parametrize("kind", ["movements", "crossings", "payments", "parties", "links"])
def test_a_store_of_version_0001_takes_in_the_kinds_it_did_not_know(new_home, kind):
    home = new_home()
    made_at(home, "0001")
    with Store.open(home) as store:
        filed = frame(kind, [example(kind, known_at="2026-04-01")])
        assert store.take_in(kind, filed) == Taken(1, 0, 0)
        pd.testing.assert_frame_equal(store.read(kind, sealed=True), filed)


def test_opening_again_changes_nothing(new_home):
    home = new_home()
    before = taken_in(home)
    with Store.open(home) as store:
        assert tiles(store) == before


def test_a_store_that_a_newer_version_migrated_is_refused(new_home):
    home = new_home()
    execute(home, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(TidewaiterError, match="schema 9999, newer than this version's"):
        Store.open(home)


def test_tables_without_a_version_are_refused(new_home):
    home = new_home()
    execute(home, "DROP TABLE alembic_version")
    with pytest.raises(TidewaiterError, match="carry no schema version"):
        Store.open(home)


@pytest.mark.parametrize("name", ["tiles_hs_origin_country_items", "facts_items"])
def test_a_table_made_otherwise_is_made_anew_from_the_records(new_home, name):
    home = new_home()
    before = taken_in(home)
    note = f"UPDATE derived_tables SET fingerprint = 'other' WHERE name = '{name}'"
    execute(home, f"DROP TABLE {name}", f"CREATE TABLE {name} (x INTEGER)", note)
    with Store.open(home) as store:
        assert tiles(store) == before
        with store.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_table_declared_no_more_is_dropped(new_home):
    home = new_home()
    gone = "INSERT INTO derived_tables VALUES ('tiles_gone', 'x')"
    execute(home, "CREATE TABLE tiles_gone (x INTEGER)", gone)
    with Store.open(home) as store, store.engine.connect() as connection:
        assert not store.engine.dialect.has_table(connection, "tiles_gone")


def test_a_process_of_another_catalogue_may_not_write(new_home, one_importer_at):
    with Store.open(new_home()) as store:
        with store.writing() as connection:
            connection.execute(text("UPDATE derived_tables SET fingerprint = 'newer'"))
        with pytest.raises(TidewaiterError, match="restart the process"):
            store.take_in("declarations", one_importer_at(["2026-01-01T10:00"]))
        assert store.read("declarations").empty


def test_what_tiles_hold_changes_their_fingerprint_and_wording_does_not():
    (profile,) = (p for p in profiles() if p.name == "hs_origin_country_items")
    (mean,) = (m for m in profile.measures if isinstance(m, Mean))
    digest = derived.tiles_fingerprint

    def other(**changes: object) -> str:
        others = tuple(replace(m, **changes) if m is mean else m for m in profile.measures)
        return digest(replace(profile, measures=others), "facts")

    assert other(sentence="Said otherwise: {value}", windows=(7,)) == digest(profile, "facts")
    assert other(value="item_number") != digest(profile, "facts")


def test_fingerprints_are_the_same_in_another_process():
    program = "from features.store.derived import definitions; print(definitions.__wrapped__())"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(derived.definitions.__wrapped__())


def test_processes_that_open_at_once_make_one_store(new_home):
    home = new_home()
    program = (
        "import sys; from tests.features.databases import place; from features.store import Store;"
        "Store.open(place(sys.argv[1], sys.argv[2])).close()"
    )
    command = [sys.executable, "-c", program, str(home.path), home.database_url]
    several = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    failures = [process.communicate()[1] for process in several]
    assert [process.returncode for process in several] == [0] * 4, failures
    taken_in(home)


def test_a_database_that_is_no_store_of_ours_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("TIDEWAITER_DATABASE_URL", "mysql://somewhere/else")
    with pytest.raises(TidewaiterError, match="got 'mysql' before the colon"):
        Store.open(Home(tmp_path))


def test_a_server_that_does_not_answer_is_said_without_its_password(tmp_path, monkeypatch):
    url = "postgresql://me:secret@127.0.0.1:1/store"
    monkeypatch.setenv("TIDEWAITER_DATABASE_URL", url)
    with pytest.raises(TidewaiterError, match=r"no store at .*127\.0\.0\.1") as caught:
        Store.open(Home(tmp_path))
    assert "secret" not in str(caught.value)


def test_the_environment_names_the_store(tmp_path, monkeypatch, postgres_url):
    monkeypatch.setenv("TIDEWAITER_DATABASE_URL", postgres_url)
    with Store.open(Home(tmp_path)) as store:
        assert store.engine.driver == "psycopg"
        assert store.answers()
