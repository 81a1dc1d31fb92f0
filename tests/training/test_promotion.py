import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from features.errors import TidewaiterError
from models import Examples, fit_model
from models.registry import Registry
from tests.models.synthetic import FEATURES, QUICK, a_feature, a_feature_set
from training import challenge, contest
from training.promotion import PromotionRefusedError, promote
from training.record import recorded
from training.split import split
from training.train import train

AT = datetime(2025, 1, 2, tzinfo=UTC)
# Trees too few to have learnt what the world holds, but grown on the same records.
FEWER = replace(QUICK, max_trees=5)


def learn(store, home, **options):
    return train(store, home, "shipments", **{"settings": QUICK} | options).version


def register(home, model, **tags):
    registry = Registry(home)
    with recorded(registry, "shipments", "by hand") as record:
        return registry.register(model, record.run, tags)


def decision_of(home, version):
    """The report kept in MLflow, as JSON and as text."""
    registry = Registry(home)
    found = registry.version("shipments", version)
    with TemporaryDirectory() as folder:
        registry.client.download_artifacts(found.run_id, "promotion", folder)
        kept = Path(folder, found.tags["promotion_report"])
        text = Path(kept, "decision.txt").read_text()
        return json.loads(Path(kept, "decision.json").read_text()), text


def failed(decision):
    return {check["name"] for check in decision["checks"] if not check["passed"]}


def shuffled(examples, seed=0):
    """The same records with each other's outcomes."""
    order = np.random.default_rng(seed).permutation(len(examples))
    outcomes = ["outcome", *(f"found_{offence}" for offence in examples.offences)]
    labels = examples.labels.copy()
    labels[outcomes] = labels[outcomes].to_numpy()[order]
    return Examples(examples.table, labels)


@pytest.fixture
def in_service(store, own_copy):
    """A home whose first version is champion."""
    home, _ = own_copy
    promote(store, home, "shipments", "1")
    return home


@pytest.fixture
def from_chance(world, in_service):
    """A version fitted on shuffled labels."""
    examples = shuffled(split(FEATURES, *world).training)
    model = fit_model(FEATURES, examples, QUICK, np.random.default_rng(0))
    return register(in_service, model, evaluate_from="2024-10-01", refit="false")


def test_the_first_version_is_judged_on_its_own_and_promoted(store, own_copy):
    home, _ = own_copy
    decision = promote(store, home, "shipments", "1", clock=lambda: AT)
    assert decision.outcome == "promoted"
    names = {check.name for check in decision.checks}
    assert names == {"enough evidence", "calibration", "better than chance"}
    registry = Registry(home)
    assert registry.champion("shipments").version == "1"
    tags = registry.version("shipments", "1").tags
    assert tags["promoted_at"] == "2025-01-02T00:00:00+00:00"
    assert tags["replaced_version"] == "none"
    assert "promotion_override" not in tags
    assert "no champion yet" in decision_of(home, "1")[1]


def test_a_model_fitted_on_shuffled_labels_is_refused(store, in_service, from_chance):
    with pytest.raises(PromotionRefusedError, match="worse beyond noise"):
        promote(store, in_service, "shipments", from_chance)
    assert Registry(in_service).champion_version("shipments") == "1"
    decision, text = decision_of(in_service, from_chance)
    assert "no worse on what was inspected" in failed(decision)
    assert "FAILED" in text
    assert Registry(in_service).version("shipments", from_chance).tags["promotion"] == "refused"


def test_a_model_fitted_on_shuffled_labels_is_no_first_champion_either(store, world, home):
    examples = shuffled(split(FEATURES, *world).training)
    model = fit_model(FEATURES, examples, QUICK, np.random.default_rng(0))
    version = register(home, model, evaluate_from="2024-10-01")
    with pytest.raises(PromotionRefusedError, match="not better than a random order"):
        promote(store, home, "shipments", version)
    assert Registry(home).champion_version("shipments") is None


def test_a_slightly_worse_model_is_refused_and_the_report_says_by_how_much(store, in_service):
    version = learn(store, in_service, settings=FEWER)
    with pytest.raises(PromotionRefusedError) as refused:
        promote(store, in_service, "shipments", version)
    found = next(c for c in refused.value.decision.failed if c.name.startswith("no worse"))
    difference, low, high = found.figures["average_precision"]
    assert low < difference < high < 0
    assert difference > -0.2
    assert f"{difference:+.3f} [{low:+.3f}, {high:+.3f}]" in decision_of(in_service, version)[1]


def test_a_better_model_replaces_a_worse_champion(store, home):
    worse, better = learn(store, home, settings=FEWER), learn(store, home)
    promote(store, home, "shipments", worse)
    decision = promote(store, home, "shipments", better)
    assert not decision.failed
    assert "not worse beyond noise" in decision.text()
    registry = Registry(home)
    assert registry.champion_version("shipments") == better
    assert registry.version("shipments", better).tags["replaced_version"] == worse


def test_the_same_model_again_is_no_worse(store, in_service):
    decision = promote(store, in_service, "shipments", learn(store, in_service))
    compared = [c for c in decision.checks if c.name.startswith("no worse")]
    assert len(compared) == 2  # the world logs selection probabilities
    for check in compared:
        assert check.figures["average_precision"] == [0, 0, 0]


def test_a_version_whose_risks_are_no_frequencies_is_refused(store, in_service):
    model = Registry(in_service).load("shipments", "1").model
    calibration = replace(model.heads["overall"].calibration, intercept=2.0)
    heads = {**model.heads, "overall": replace(model.heads["overall"], calibration=calibration)}
    version = register(in_service, replace(model, heads=heads), evaluate_from="2024-10-01")
    with pytest.raises(PromotionRefusedError, match="calibration") as refused:
        promote(store, in_service, "shipments", version)
    assert [check.name for check in refused.value.decision.failed] == ["calibration"]


def test_a_version_that_picks_on_one_origin_is_refused_and_the_origin_named(
    store, world, in_service
):
    picked = split(FEATURES, *world).training
    picked = Examples(
        picked.table,
        picked.labels.assign(outcome=picked.outcome() | picked.table["origin"].eq("NL")),
    )
    model = fit_model(FEATURES, picked, QUICK, np.random.default_rng(0))
    version = register(in_service, model, evaluate_from="2024-10-01")
    with pytest.raises(PromotionRefusedError) as refused:
        promote(store, in_service, "shipments", version)
    found = next(c for c in refused.value.decision.failed if c.name == "error rates by group")
    assert "origin NL" in found.statement
    assert "origin TR" not in found.statement


def test_an_override_promotes_all_the_same_and_is_recorded(store, in_service, from_chance):
    decision = promote(
        store, in_service, "shipments", from_chance, override="drug season", clock=lambda: AT
    )
    assert decision.outcome == "promoted by override"
    registry = Registry(in_service)
    assert registry.champion_version("shipments") == from_chance
    tags = registry.version("shipments", from_chance).tags
    assert tags["promotion_override"] == "drug season"
    assert tags["promotion"] == "promoted by override"
    assert "no worse" in tags["promotion_failed"]
    plain, text = decision_of(in_service, from_chance)
    assert plain["override"] == "drug season"
    assert "Override: drug season" in text


def test_both_are_judged_on_records_later_than_either_saw(store, in_service):
    version = learn(store, in_service, evaluate_from=date(2024, 11, 1))
    ground = promote(store, in_service, "shipments", version).ground
    assert ground.since == "2024-11-01T00:00:00+00:00"
    older = learn(store, in_service, evaluate_from=date(2024, 8, 1))
    ground = promote(store, in_service, "shipments", older, override="an older one").ground
    assert ground.since == "2024-11-01T00:00:00+00:00"


def test_a_version_fitted_on_everything_is_judged_by_the_earlier_fit(store, in_service):
    version = learn(store, in_service, refit=True)
    ground = promote(store, in_service, "shipments", version).ground
    assert (ground.version, ground.judged) == ("3", "2")
    assert ground.since == "2024-10-01T00:00:00+00:00"
    assert "fitted again on everything known" in decision_of(in_service, version)[1]


def test_without_later_records_nothing_is_promoted_and_the_report_says_so(store, world, home):
    data = split(FEATURES, *world)
    model = fit_model(FEATURES, data.everything, QUICK, np.random.default_rng(0))
    version = register(home, model)
    with pytest.raises(PromotionRefusedError, match="No inspected record is later"):
        promote(store, home, "shipments", version)
    assert failed(decision_of(home, version)[0]) == {"enough evidence"}


def test_too_few_labels_are_counted_in_the_refusal(store, world, home):
    version = learn(store, home, evaluate_from=date(2024, 12, 25))
    counted = r"FAILED  enough evidence: \d offences? among \d+ inspected"
    with pytest.raises(PromotionRefusedError, match=counted):
        promote(store, home, "shipments", version)


def test_a_champion_of_another_feature_set_is_no_hindrance(store, in_service, monkeypatch):
    version = learn(store, in_service)
    load = Registry.load

    def refuse(registry, subject, version):
        if version == "1":
            raise contest.FingerprintError("other features")
        return load(registry, subject, version)

    monkeypatch.setattr(Registry, "load", refuse)
    decision = promote(store, in_service, "shipments", version)
    assert decision.ground.champion_judged is None
    assert "another feature set" in decision.text()


def test_an_unknown_version_is_not_promoted(store, trained):
    home, _ = trained
    with pytest.raises(TidewaiterError, match="no version '9'"):
        promote(store, home, "shipments", "9")


@pytest.mark.parametrize("override", [None, "I insist"])
def test_a_version_of_another_feature_set_is_never_promoted(store, trained, monkeypatch, override):
    home, _ = trained
    other = a_feature_set(*FEATURES.features[:-1], a_feature("speed"))
    monkeypatch.setattr(challenge, "feature_set", lambda _subject: other)
    with pytest.raises(TidewaiterError, match="train a new version"):
        promote(store, home, "shipments", "1", override=override)
    assert Registry(home).champion_version("shipments") is None
