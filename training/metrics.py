"""The field's metrics: what inspecting the riskiest n % would find.

Each figure at an inspection rate stands beside its attainable maximum, because with 22 % offences
no ranking can find more than 23 % of them in the first 5 %.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

INSPECTION_RATES_PCT = (1, 2, 5, 10)
CALIBRATION_BINS = 15


def inspected(weight: Floats, rate_pct: float) -> Flags:
    """Which of the ranked shipments an inspection rate reaches.

    Parameters
    ----------
    weight : shape (n,), what each shipment stands for, the riskiest first; all 1 counts shipments.

    Examples
    --------
    >>> inspected(np.ones(30), 10).sum(), inspected(np.ones(31), 10).sum()
    (np.int64(3), np.int64(4))
    """
    before = np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    capacity = weight.sum() * rate_pct / 100
    return before < capacity * (1 - 1e-12)


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
    outcome: Flags, risk: Floats, weight: Floats, bins: int = CALIBRATION_BINS
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


def ranking_metrics(ranked: pd.DataFrame, weighted: bool = False) -> dict[str, float]:
    """Every metric of ranked shipments, as `judged_shipments` gives them.

    Returns
    -------
    Figures by name, for example ``precision_at_5pct`` and ``precision_at_5pct_attainable``. A
    figure that is undefined, for want of an offence or of a clear result, is left out.
    """
    outcome = ranked["outcome"].to_numpy(dtype=bool)
    risk = ranked["risk"].to_numpy(dtype=np.float64)
    revenue = ranked["revenue"].to_numpy(dtype=np.float64)
    weight = ranked["weight"].to_numpy(dtype=np.float64) if weighted else np.ones(len(ranked))
    figures = {"shipments": float(len(ranked)), "offences": float(outcome.sum())}
    if not len(ranked):
        return figures
    for rate_pct in INSPECTION_RATES_PCT:
        figures |= at_inspection_rate(outcome, revenue, weight, rate_pct)
    return figures | _ranking_wide(outcome, risk, ranked["log_odds"], weight)


def _ranking_wide(
    outcome: Flags, risk: Floats, log_odds: pd.Series[Any], weight: Floats
) -> dict[str, float]:
    figures = {
        "base_rate": float(weight[outcome].sum() / weight.sum()),
        "brier": float(brier_score_loss(outcome, risk, sample_weight=weight, pos_label=True)),
        "expected_calibration_error": expected_calibration_error(outcome, risk, weight),
    }
    if outcome.any():
        figures["average_precision"] = float(
            average_precision_score(outcome, log_odds, sample_weight=weight)
        )
    if outcome.any() and not outcome.all():
        figures["roc_auc"] = float(roc_auc_score(outcome, log_odds, sample_weight=weight))
    return figures
