"""Judge a registered version by what inspections found."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.batch import feature_table
from features.catalog import feature_set
from features.errors import TidewaiterError
from features.home import Home
from features.store import Store
from models.registry import Registry
from training.dataset import labelled
from training.evidence import Evidence
from training.groups import group_values
from training.judged import judged_shipments
from training.report import Report
from training.split import last_quarter, start_of_day


def evaluate(  # noqa: PLR0913 - what the command offers, each with a default
    store: Store,
    home: Home,
    subject: str,
    *,
    version: str | None = None,
    evaluate_from: date | None = None,
    random: np.random.Generator | None = None,
) -> dict[str, Any]:
    """Figures of a version on labelled records from a day on.

    Parameters
    ----------
    version : by default the champion.
    evaluate_from : by default the first day of the last quarter with outcomes.
    random : draws the resamples of the intervals; by default seeded.

    Returns
    -------
    Metrics by name, ``by_month``, ``by_offence``, ``intervals``, what has ``too_few`` labels for a
    claim, ``error_rates`` by group, and ``out_of_sample``: whether the model was
    fitted only on what was known before that day. Figures that are not flatter the model.
    """
    registry = Registry(home)
    chosen = registry.load(subject, version) if version else registry.champion(subject)
    features = feature_set(subject)
    labels = labelled(features, feature_table(store, subject), store.read("inspections"))
    day = evaluate_from if evaluate_from is not None else last_quarter(labels)
    examples = labels.since(start_of_day(day))
    if not len(examples):
        raise TidewaiterError(f"no labelled records of {subject} were known on {day} or later")
    ranked = judged_shipments(chosen.model, examples)
    report = Report.of(ranked)
    values = group_values(store, features, ranked)
    evidence = Evidence.of(ranked, values, random or np.random.default_rng(0))
    known_last = pd.Timestamp(chosen.model.periods["known_last"])
    return {
        "subject": subject,
        "version": chosen.version,
        "evaluate_from": day.isoformat(),
        "out_of_sample": bool(known_last < start_of_day(day)),
        **report.metrics,
        "by_month": report.by_month,
        "by_offence": report.by_offence,
        **evidence.to_json(),
    }
