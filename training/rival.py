"""The champion's figures on the evaluation of another version, to stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from models import Examples
from models.registry import Registry
from models.risk import FingerprintError
from training.judged import judged_shipments
from training.report import Figures, Report
from training.split import start_of_day


@dataclass(frozen=True)
class Rival:
    """The champion on the same records.

    Attributes
    ----------
    out_of_sample : whether it had seen nothing of them; if it had, they flatter it.
    """

    version: str
    metrics: Figures
    out_of_sample: bool


def rival(registry: Registry, subject: str, later: Examples, since: date) -> Rival | None:
    """Judge the champion, if there is one that can be scored, on records from a day on."""
    version = registry.champion_version(subject)
    if version is None:
        return None
    try:
        model = registry.load(subject, version).model
    except FingerprintError:
        return None
    known_last = pd.Timestamp(model.periods["known_last"])
    metrics = Report.of(judged_shipments(model, later)).metrics
    return Rival(version, metrics, bool(known_last < start_of_day(since)))
