"""The challenger's alias: set on a version that fits, taken away, and given up on promotion."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from features.errors import TidewaiterError
from models.registry import CHALLENGER, CHAMPION, Registry
from tests.models.synthetic import FEATURES, a_feature, a_feature_set
from training import challenge as challenging
from training.challenge import challenge, stand_down
from training.cli import app
from training.promotion import promote
from training.record import recorded

AT = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture
def registry(own_copy):
    """A registry whose first version is champion, and which has a second."""
    home, _ = own_copy
    registry = Registry(home)
    registry.set_alias("shipments", CHAMPION, "1")
    model = registry.load("shipments", "1").model
    with recorded(registry, "shipments", "by hand") as record:
        registry.register(model, record.run, {"evaluate_from": "2024-10-01", "refit": "false"})
    return registry


def test_a_version_that_fits_becomes_challenger_and_its_beginning_is_noted(registry):
    challenge(registry, "shipments", "2", lambda: AT)
    assert registry.aliases("shipments") == {CHAMPION: "1", CHALLENGER: "2"}
    tags = registry.version("shipments", "2").tags
    assert tags["challenger_since"] == "2025-01-02T00:00:00+00:00"


def test_a_champion_cannot_challenge_itself_nor_anyone_nobody(registry):
    with pytest.raises(TidewaiterError, match="the champion is this one"):
        challenge(registry, "shipments", "1", lambda: AT)
    registry.drop_alias("shipments", CHAMPION)
    with pytest.raises(TidewaiterError, match="the champion is none"):
        challenge(registry, "shipments", "2", lambda: AT)
    assert registry.aliases("shipments") == {}


def test_a_version_of_another_feature_set_cannot_challenge(registry, monkeypatch):
    other = a_feature_set(*FEATURES.features[:-1], a_feature("speed"))
    monkeypatch.setattr(challenging, "feature_set", lambda _subject: other)
    with pytest.raises(TidewaiterError, match="train a new version"):
        challenge(registry, "shipments", "2", lambda: AT)


def test_a_challenge_ends_once_and_for_the_version_that_was_meant(registry):
    challenge(registry, "shipments", "2", lambda: AT)
    assert stand_down(registry, "shipments", "1") is None
    assert stand_down(registry, "shipments") == "2"
    assert stand_down(registry, "shipments") is None
    assert registry.aliases("shipments") == {CHAMPION: "1"}


def test_a_challenger_that_is_promoted_challenges_no_more(registry, store):
    challenge(registry, "shipments", "2", lambda: AT)
    promote(store, registry.home, "shipments", "2")
    assert registry.aliases("shipments") == {CHAMPION: "2"}


def test_the_command_sets_and_ends_a_challenge(registry):
    home = str(registry.home.path)
    for version, said in (("2", "2 is challenger"), ("none", "2 challenges no more")):
        command = ["promote", "shipments", version, "--as", "challenger", "--home", home]
        assert said in CliRunner().invoke(app, command).stdout
    assert registry.aliases("shipments") == {CHAMPION: "1"}
