"""The field's metrics: what inspecting the riskiest n % would find.

Each figure at an inspection rate stands beside its attainable maximum, because with 22 % offences
no ranking can find more than 23 % of them in the first 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

INSPECTION_RATES_PCT = (1, 2, 5, 10)
CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Ranked:
    """Shipments whose outcome is known, the riskiest first.

    Attributes
    ----------
    outcome : shape (n,), whether an offence was found.
    risk, log_odds : shape (n,), what the model said.
    revenue : shape (n,), recovered, in one currency; NaN is none recorded.
    weight : shape (n,), how many shipments each stands for; 0 leaves it out.
    """

    outcome: Flags
    risk: Floats
    log_odds: Floats
    revenue: Floats
    weight: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, *, weighted: bool = False) -> Ranked:
        """Take ranked shipments as `judged_shipments` gives them.

        Parameters
        ----------
        weighted : let each stand for the inverse of its selection probability (Horvitz and
            Thompson, 1952; every figure here is a ratio of two such sums, Hajek's estimator, 1971).
        """
        names = ("risk", "log_odds", "revenue", "weight")
        numbers = {name: frame[name].to_numpy(dtype=np.float64) for name in names}
        if not weighted:
            numbers["weight"] = np.ones(len(frame))
        return cls(frame["outcome"].to_numpy(dtype=bool), **numbers)

    def times(self, count: Floats) -> Ranked:
        """Count each shipment so many times, shape (n,)."""
        return replace(self, weight=self.weight * count)


def reached(looked: Floats, rate_pct: float) -> int:
    """Count the ranked shipments that an inspection rate reaches, the last perhaps in part.

    Parameters
    ----------
    looked : shape (n,), cumulated weight of the shipments, the riskiest first.

    Examples
    --------
    >>> reached(np.arange(1.0, 31), 10), reached(np.arange(1.0, 32), 10)
    (3, 4)
    """
    if not len(looked):
        return 0
    capacity = looked[-1] * rate_pct / 100 * (1 - 1e-12)
    return min(int(np.searchsorted(looked, capacity)) + 1, len(looked))


def inspected(weight: Floats, rate_pct: float) -> Flags:
    """Which of the ranked shipments an inspection rate reaches, shape (n,)."""
    return np.arange(len(weight)) < reached(np.cumsum(weight), rate_pct)


def at_inspection_rate(
    outcome: Flags, revenue: Floats, weight: Floats, rate_pct: int
) -> dict[str, float]:
    """Precision, recall and revenue recall when the first `rate_pct` % are inspected.

    Parameters
    ----------
    outcome : shape (n,), whether an offence was found, the riskiest shipment first.
    revenue : shape (n,), recovered, in one currency; NaN is none recorded. Revenue recall is left
        out when nothing was recovered at all.
    weight : shape (n,), what each shipment stands for.

    Notes
    -----
    precision = offences inspected / inspected; recall = offences inspected / offences;
    revenue recall = revenue of the inspected / revenue. Attainable is what the best possible
    order would reach at the same rate.
    """
    chosen = inspected(weight, rate_pct)
    looked, offences = weight[chosen].sum(), weight[outcome].sum()
    hits = weight[chosen & outcome].sum()
    figures = {
        "precision": hits / looked,
        "precision_attainable": min(1.0, offences / looked),
    }
    if offences:
        figures |= {"recall": hits / offences, "recall_attainable": min(1.0, looked / offences)}
    figures |= _revenue_recall(np.nan_to_num(revenue), weight, chosen, rate_pct)
    return {_name(name, rate_pct): float(value) for name, value in figures.items()}


def _revenue_recall(
    revenue: Floats, weight: Floats, chosen: Flags, rate_pct: int
) -> dict[str, float]:
    total = (weight * revenue).sum()
    if not total > 0:
        return {}
    best = np.argsort(-revenue, kind="stable")
    most = inspected(weight[best], rate_pct)
    return {
        "revenue_recall": (weight * revenue)[chosen].sum() / total,
        "revenue_recall_attainable": (weight * revenue)[best][most].sum() / total,
    }


def _name(figure: str, rate_pct: int) -> str:
    base, attainable, _ = figure.partition("_attainable")
    return f"{base}_at_{rate_pct}pct{attainable}"


def expected_calibration_error(
    outcome: Flags | Floats, risk: Floats, weight: Floats, bins: int = CALIBRATION_BINS
) -> float:
    """Mean distance between risk and frequency over bins of equally many shipments.

    Notes
    -----
    Sum over bins of (weight of bin / weight) * |mean outcome - mean risk|; Nixon et al.,
    "Measuring calibration in deep learning" (2019), adaptive bins. Biased upwards when bins are
    small.
    """
    order = np.argsort(risk, kind="stable")
    gaps = 0.0
    for part in np.array_split(order, min(bins, len(order))):
        gaps += abs((weight[part] * (outcome[part] - risk[part])).sum())
    return float(gaps / weight.sum())


def headline(ranked: Ranked) -> dict[str, float]:
    """Precision and recall at the inspection rates, average precision and area under the ROC.

    What is said again and again, of many resamples: a few cumulated sums tell all of it.

    Returns
    -------
    Figures by name; one that is undefined, for want of an offence or of a clear result, is left
    out.
    """
    hits, looked = np.cumsum(ranked.weight * ranked.outcome), np.cumsum(ranked.weight)
    figures: dict[str, float] = {}
    if not len(looked) or not looked[-1] > 0:
        return figures
    for rate_pct in INSPECTION_RATES_PCT:
        last = reached(looked, rate_pct) - 1
        figures[_name("precision", rate_pct)] = float(hits[last] / looked[last])
        if hits[-1] > 0:
            figures[_name("recall", rate_pct)] = float(hits[last] / hits[-1])
    return figures | _areas(hits, looked, ranked.log_odds)


def _areas(hits: Floats, looked: Floats, log_odds: Floats) -> dict[str, float]:
    """Areas under the curves of precision and of the ROC; equal log-odds share one point."""
    last = np.append(log_odds[1:] != log_odds[:-1], True)
    hits, looked = hits[last], looked[last]
    misses = looked - hits
    figures: dict[str, float] = {}
    if hits[-1] > 0:
        precision = np.divide(hits, looked, out=np.zeros_like(hits), where=looked > 0)
        gained = np.diff(hits, prepend=0.0)
        figures["average_precision"] = float(gained @ precision / hits[-1])
    if hits[-1] > 0 and misses[-1] > 0:
        area = np.trapezoid(np.append(0.0, hits), np.append(0.0, misses))
        figures["roc_auc"] = float(area / (hits[-1] * misses[-1]))
    return figures


def ranking_metrics(frame: pd.DataFrame, *, weighted: bool = False) -> dict[str, float]:
    """Every metric of ranked shipments, as `judged_shipments` gives them.

    Returns
    -------
    Figures by name, for example ``precision_at_5pct`` and ``precision_at_5pct_attainable``. A
    figure that is undefined, for want of an offence or of a clear result, is left out.
    """
    ranked = Ranked.of(frame, weighted=weighted)
    outcome, weight = ranked.outcome, ranked.weight
    figures = {"shipments": float(len(outcome)), "offences": float(outcome.sum())}
    if not len(outcome):
        return figures
    for rate_pct in INSPECTION_RATES_PCT:
        figures |= at_inspection_rate(outcome, ranked.revenue, weight, rate_pct)
    figures |= _probability_metrics(ranked)
    return figures | _areas(np.cumsum(weight * outcome), np.cumsum(weight), ranked.log_odds)


def _probability_metrics(ranked: Ranked) -> dict[str, float]:
    outcome, risk, weight = ranked.outcome, ranked.risk, ranked.weight
    return {
        "base_rate": float(weight[outcome].sum() / weight.sum()),
        "brier": float((weight * (outcome - risk) ** 2).sum() / weight.sum()),
        "expected_calibration_error": expected_calibration_error(outcome, risk, weight),
    }
