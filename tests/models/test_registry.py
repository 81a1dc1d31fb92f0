import shutil

import mlflow
import pandas as pd
import pytest

from features.errors import TidewaiterError
from features.home import Home
from models import FingerprintError, risk
from models.registry import CHAMPION, Registry
from tests.models.synthetic import FEATURES, a_feature, a_feature_set


@pytest.fixture(scope="module")
def empty_registry(tmp_path_factory):
    """An MLflow database without anything in it: making one takes seconds, copying it none."""
    home = Home(tmp_path_factory.mktemp("empty"))
    assert Registry(home).versions("shipments") == []
    return home.path / "mlflow.db"


@pytest.fixture
def registry(tmp_path, empty_registry, monkeypatch):
    monkeypatch.setattr(risk, "feature_set", lambda _subject: FEATURES)
    home = Home(tmp_path / "home").prepare()
    shutil.copy(empty_registry, home.path)
    return Registry(home)


def register(registry, model):
    run = registry.client.create_run(registry.experiment("shipments"))
    return registry.register(model, run, {"note": "for a test"})


def test_a_champion_scores_like_the_model_that_was_registered(registry, model, later):
    version = register(registry, model)
    registry.set_alias("shipments", CHAMPION, version)
    champion = Registry(registry.home).champion("shipments")
    assert champion.version == version == "1"
    pd.testing.assert_frame_equal(
        champion.model.score(later.table).frame, model.score(later.table).frame, check_exact=True
    )


def test_a_registered_version_loads_as_pyfunc(registry, model, later):
    version = register(registry, model)
    function = mlflow.pyfunc.load_model(registry.version("shipments", version).source)
    pd.testing.assert_frame_equal(
        function.predict(later.table), model.score(later.table).frame, check_exact=True
    )


def test_everything_stays_in_the_home_without_pickle(registry, model, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    register(registry, model)
    assert not list(elsewhere.iterdir())
    files = [file for file in registry.home.artifact_root.rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"MLmodel", "model.json", "overall.txt"}
    assert not [file for file in files if file.suffix in {".pkl", ".py"}]


def test_homes_of_one_process_do_not_mix(registry, model, tmp_path):
    register(registry, model)
    other = Registry(Home(tmp_path / "other"))
    assert other.versions("shipments") == []
    assert [str(one.version) for one in registry.versions("shipments")] == ["1"]


def test_versions_are_counted_and_listed_newest_first(registry, model):
    assert [register(registry, model) for _ in range(2)] == ["1", "2"]
    assert [str(one.version) for one in registry.versions("shipments")] == ["2", "1"]
    assert registry.version("shipments", "1").tags["fingerprint"] == FEATURES.fingerprint


def test_without_a_champion_the_error_says_what_to_run(registry, model):
    with pytest.raises(TidewaiterError, match="tidewaiter train shipments"):
        registry.champion("shipments")
    register(registry, model)
    with pytest.raises(TidewaiterError, match="promote shipments"):
        registry.champion("shipments")


def test_an_unknown_version_is_named_beside_the_known_ones(registry, model):
    register(registry, model)
    with pytest.raises(TidewaiterError, match=r"no version '7'; registered: 1"):
        registry.load("shipments", "7")


def test_a_champion_of_another_feature_set_is_refused(registry, model, monkeypatch):
    registry.set_alias("shipments", CHAMPION, register(registry, model))
    other = a_feature_set(*FEATURES.features[:-1], a_feature("speed"))
    monkeypatch.setattr(risk, "feature_set", lambda _subject: other)
    with pytest.raises(FingerprintError, match="train a new version"):
        registry.champion("shipments")
