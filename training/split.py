"""Training before a day, evaluation from it on.

Nothing that became known on that day or later reaches training: neither a record nor a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.catalog import FeatureSet
from features.errors import TidewaiterError
from models.examples import Examples
from training.dataset import labelled


@dataclass(frozen=True)
class Split:
    """Labelled records on both sides of a day, and all of them."""

    training: Examples
    evaluation: Examples
    everything: Examples
    evaluate_from: date


def start_of_day(day: date) -> pd.Timestamp:
    """Midnight UTC at which a day begins.

    Examples
    --------
    >>> start_of_day(date(2021, 1, 1)).isoformat()
    '2021-01-01T00:00:00+00:00'
    """
    return pd.Timestamp(day, tz="UTC")


def last_quarter(examples: Examples) -> date:
    """First day of the last calendar quarter in which a labelled record was known."""
    if not len(examples):
        raise TidewaiterError(
            "expected inspections of the loaded records to learn from, found none: "
            "load inspections (the labels) as well as what was inspected"
        )
    last: pd.Timestamp = examples.table["known_at"].max()
    return date(last.year, 3 * ((last.month - 1) // 3) + 1, 1)


def split(
    features: FeatureSet,
    table: pd.DataFrame,
    inspections: pd.DataFrame,
    evaluate_from: date | None = None,
) -> Split:
    """Cut labelled records at a day, by default the start of the last quarter with outcomes.

    Raises
    ------
    TidewaiterError
        When one side would be empty.
    """
    everything = labelled(features, table, inspections)
    day = evaluate_from if evaluate_from is not None else last_quarter(everything)
    moment = start_of_day(day)
    training = labelled(features, table, inspections, known_before=moment).known_before(moment)
    evaluation = everything.since(moment)
    if not len(training) or not len(evaluation):
        known_at = everything.table["known_at"]
        raise TidewaiterError(
            f"--evaluate-from {day} leaves {len(training)} labelled rows to train on and "
            f"{len(evaluation)} to evaluate; labelled records run from "
            f"{known_at.min():%Y-%m-%d} to {known_at.max():%Y-%m-%d}"
        )
    return Split(training, evaluation, everything, day)
