"""Simulated worlds of full size: how near calibration and corrected estimates come to the truth."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.batch import feature_table
from features.catalog import feature_set
from models import FitSettings, fit_model
from tests.benchmarks.worlds import Filled, simulated
from training.judged import judged_shipments
from training.split import split, start_of_day
from training.truth import against_truth, findable, present

SEEDS = 3
FIRST_SEED = 200
SINCE = date(2025, 10, 1)
ITEMS = 100_000
# Enough for the more frequent offences of such a world to have heads of their own.
SETTINGS = FitSettings(offence_positives=30)


@pytest.fixture(scope="module")
def figures(length, tmp_path_factory):
    """What `against_truth` says of each world, a row a world and truth."""
    rows = {}
    for seed in range(FIRST_SEED, FIRST_SEED + length.of(SEEDS)):
        folder = tmp_path_factory.mktemp(f"world-{seed}")
        for name, found in figures_of(folder, seed).items():
            rows[seed, name] = found
            print(seed, name, {k: round(v, 4) for k, v in found.items()})  # noqa: T201
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["seed", "truth"])


def figures_of(folder, seed):
    features = feature_set("shipments")
    world = Filled.make(folder, ITEMS, seed)
    with world.store as store:
        table, inspections = feature_table(store, "shipments"), store.read("inspections")
    data = split(features, table, inspections, SINCE)
    model = fit_model(features, data.training, SETTINGS, np.random.default_rng(seed))
    judged = judged_shipments(model, data.evaluation)
    traffic = table[table["known_at"] >= start_of_day(SINCE)].reset_index(drop=True)
    there = present(simulated(folder, ITEMS, seed), features)
    truths = {"present": there, "findable": findable(there, features)}
    return {name: against_truth(model, traffic, judged, truth) for name, truth in truths.items()}


def test_risks_are_calibrated_on_all_traffic(figures):
    # What inspections would find, which a risk claims to be; they miss some of what is there.
    errors = figures["expected_calibration_error_overall"].groupby("truth").mean()
    assert errors["findable"] <= 0.02


def test_heads_of_offences_are_calibrated_too(figures):
    heads = figures.filter(like="expected_calibration_error_").drop(
        columns="expected_calibration_error_overall"
    )
    assert len(heads.columns)
    assert np.nanmean(heads.to_numpy()) <= 0.02


def test_corrected_precision_is_nearer_to_what_inspections_would_find(figures):
    found = figures.xs("findable", level="truth")
    truth = found["precision_at_5pct"]
    corrected = (found["precision_at_5pct_corrected"] - truth).abs().mean()
    assert corrected < (found["precision_at_5pct_uncorrected"] - truth).abs().mean()
