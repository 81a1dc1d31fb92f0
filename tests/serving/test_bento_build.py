"""A bento holds what serves and the champion, and runs where there is no registry."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import serving
from features.catalog import RECORDS
from features.home import Home
from features.store import Store
from models.registry import Registry
from serving.access import Access
from serving.app import utc_now
from serving.assembly import assemble
from serving.launch import serve_environment
from serving.principal import Principal
from serving.roles import Role

ROOT = Path(serving.__file__).parents[1]
CLI = [sys.executable, "-c", "from serving.cli import app; app()"]


def run(*command, **environment):
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def bento(world, tmp_path_factory):
    """The bento as it would lie in a container: exported, with its model inside."""
    folder = tmp_path_factory.mktemp("bento") / "exported"
    environment = serve_environment(world.home)
    elsewhere = {n: value for n, value in environment.items() if n != "TIDEWAITER_HOME"}
    tag = run(*CLI, "bento", "build", "--home", str(world.home.path), **elsewhere)
    tag = tag.splitlines()[-1]
    export = f"import bentoml; bentoml.export_bento({tag!r}, {str(folder)!r}, 'folder')"
    run(sys.executable, "-c", export, **environment)
    [bento_yaml] = [*folder.rglob("bento.yaml")]
    return bento_yaml.parent


def test_a_bento_holds_the_packages_that_serve_and_no_other(bento):
    packages = {path.name for path in (bento / "src").iterdir() if path.is_dir()}
    assert packages == {"features", "models", "serving"}


def test_a_bento_names_exact_versions(bento):
    lines = (bento / "env/python/requirements.txt").read_text().splitlines()
    named = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert any(line.startswith("lightgbm==") for line in named)
    assert all("==" in line and "://" not in line for line in named)


def test_a_bento_scores_as_the_champions_do_without_the_registry(
    bento, world, tmp_path, server_process
):
    home = Home(tmp_path / "elsewhere").prepare()
    with Store.open(home) as store:
        key = Access(store.engine, utc_now).create("officer")
    environment = serve_environment(home) | {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}
    rows = {subject: world.rows(5, "bento-", subject) for subject in RECORDS}
    told = {}

    def command(port):
        where = ["--host", "127.0.0.1", "--port", str(port)]
        return [sys.executable, "-m", "bentoml", "serve", str(bento), *where]

    with server_process(command, environment, tmp_path / "log") as url:
        assert httpx.get(f"{url}/readyz").json()["subjects"] == list(RECORDS)
        headers = {"Authorization": f"Bearer {key}"}
        for subject in RECORDS:
            told[subject] = httpx.post(
                f"{url}/v1/{subject}/score",
                json={"records": rows[subject]},
                headers=headers,
                timeout=60,
            ).json()

    bare = Home(tmp_path / "bare").prepare()
    desk = assemble(bare, Registry(world.home))
    officer = Principal("test", Role.OFFICER, None)
    expected = {
        subject: desk.scoring.score(subject, rows[subject], utc_now(), officer).to_json()
        for subject in RECORDS
    }
    desk.scoring.store.close()
    fields = ("id", "item_number", "risk", "log_odds", "base_value", "channel", "model_version")
    for subject in RECORDS:
        assert [tuple(score[field] for field in fields) for score in told[subject]["scores"]] == [
            tuple(score[field] for field in fields)
            for score in json.loads(expected[subject])["scores"]
        ]
    assert not (home.path / "mlflow.db").exists()
