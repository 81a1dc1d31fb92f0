"""An evaluation: figures of all shipments, of the random stratum, by month and by offence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.examples import FOUND
from training.metrics import ranking_metrics

Figures = dict[str, float]


@dataclass(frozen=True)
class Report:
    """What a model's ranking of inspected shipments was worth.

    Attributes
    ----------
    metrics : of all shipments; with the prefix ``random_`` of those that were inspected at random,
        the only ones that speak for all traffic without weights; with ``weighted_`` of all, each
        weighted by the inverse of its selection probability, where that was logged.
    by_month : by the month a shipment was known in, ranked within the month.
    by_offence : by offence, ranked by the offence's own head or, without one, the overall risk.
    """

    metrics: Figures
    by_month: dict[str, Figures]
    by_offence: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, ranked: pd.DataFrame) -> Report:
        """Report on ranked shipments, as `judged_shipments` gives them."""
        metrics = ranking_metrics(ranked)
        drawn = ranked.loc[ranked["random"]]
        if len(drawn):
            metrics |= _prefixed("random_", ranking_metrics(drawn))
        if (ranked["weight"] != 1).any():
            metrics |= _prefixed("weighted_", ranking_metrics(ranked, weighted=True))
        return cls(metrics, _by_month(ranked), _by_offence(ranked))


def _prefixed(prefix: str, figures: Figures) -> Figures:
    return {prefix + name: value for name, value in figures.items()}


def _by_month(ranked: pd.DataFrame) -> dict[str, Figures]:
    months = ranked["known_at"].dt.strftime("%Y-%m")
    return {str(month): ranking_metrics(part) for month, part in ranked.groupby(months)}


def _by_offence(ranked: pd.DataFrame) -> dict[str, dict[str, Any]]:
    offences = [str(c).removeprefix(FOUND) for c in ranked if str(c).startswith(FOUND)]
    return {offence: _of_offence(ranked, offence) for offence in offences}


def _of_offence(ranked: pd.DataFrame, offence: str) -> dict[str, Any]:
    head = f"risk_{offence}"
    has_head = head in ranked
    found = ranked[FOUND + offence]
    own = ranked.assign(outcome=found, revenue=ranked["revenue"].where(found))
    if has_head:
        own = own.sort_values(head, ascending=False, kind="stable")
        own = own.assign(risk=own[head], log_odds=own[head])
    figures = ranking_metrics(own)
    if not has_head:
        figures = {name: value for name, value in figures.items() if name not in _CALIBRATED}
    return {"own_head": has_head} | figures


# The overall risk is no probability of one offence.
_CALIBRATED = {"brier", "expected_calibration_error"}
