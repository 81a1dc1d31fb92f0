"""Pictures of an evaluation, as figures that the caller stores."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shap
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models import Examples, RiskModel
from training.intervals import proportion_interval
from training.report import Report

EXPLAINED_ROWS = 2000
SHOWN_FEATURES = 15
BINS = 10


def evaluation_plots(
    model: RiskModel,
    examples: Examples,
    ranked: pd.DataFrame,
    report: Report,
    random: np.random.Generator,
) -> Iterator[tuple[str, Figure]]:
    """Every picture of an evaluation with its name, drawn one at a time and closed after use."""
    yield "reliability", reliability(ranked)
    yield "gain", gain(ranked)
    yield "precision_by_month", precision_by_month(report)
    sample = examples.table
    if len(sample) > EXPLAINED_ROWS:
        rows = np.sort(random.choice(len(sample), EXPLAINED_ROWS, replace=False))
        sample = sample.iloc[rows]
    explained = explanations(model, sample)
    yield "contributions", contributions(explained)
    yield "importance", importance(explained)


def reliability(ranked: pd.DataFrame) -> Figure:
    """Observed frequency against risk, in bins of equally many shipments, with 95 % intervals."""
    figure, axes = _figure("Risk", "Share with an offence")
    parts = np.array_split(np.arange(len(ranked)), min(BINS, len(ranked)))
    risk = [ranked["risk"].iloc[part].mean() for part in parts]
    found = [ranked["outcome"].iloc[part] for part in parts]
    observed = np.array([part.mean() for part in found])
    ends = np.array([proportion_interval(int(part.sum()), len(part)) for part in found])
    reach = [np.maximum(observed - ends[:, 0], 0), np.maximum(ends[:, 1] - observed, 0)]
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="perfectly calibrated")
    axes.errorbar(risk, observed, yerr=reach, marker="o", capsize=3, label="inspected")
    top = min(1.0, 1.05 * max(*risk, *ends[:, 1]))
    axes.set(xlim=(0, top), ylim=(0, top))
    axes.legend()
    return figure


def gain(ranked: pd.DataFrame) -> Figure:
    """Share of offences found against the share inspected."""
    figure, axes = _figure("Share inspected", "Share of offences found")
    share = np.arange(len(ranked) + 1) / len(ranked)
    hits = np.concatenate([[0], np.cumsum(ranked["outcome"])])
    best = np.minimum(np.arange(len(ranked) + 1) / max(hits[-1], 1), 1)
    axes.plot(share, hits / max(hits[-1], 1), label="this ranking")
    axes.plot(share, best, linestyle="--", color="grey", label="best possible")
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="at random")
    axes.legend()
    return figure


def precision_by_month(report: Report) -> Figure:
    """Precision at 5 % and 10 % inspected, month by month."""
    figure, axes = _figure("Month", "Precision")
    months = list(report.by_month)
    for rate_pct in (5, 10):
        values = [report.by_month[m].get(f"precision_at_{rate_pct}pct", np.nan) for m in months]
        axes.plot(months, values, marker="o", label=f"{rate_pct} % inspected")
    axes.plot(
        months,
        [report.by_month[month].get("base_rate", np.nan) for month in months],
        linestyle=":",
        color="grey",
        label="all inspected",
    )
    axes.set_ylim(0, 1.02)
    axes.tick_params(axis="x", rotation=45)
    axes.legend()
    return figure


def explanations(model: RiskModel, table: pd.DataFrame) -> shap.Explanation:
    """Contributions to the overall log-odds of each row of a feature table, as shap knows them."""
    explanation = model.explain(table)
    return shap.Explanation(
        values=explanation.contributions,
        base_values=np.full(len(table), explanation.base_value),
        data=model.encoding.matrix(table),
        feature_names=list(model.feature_names),
    )


def contributions(explained: shap.Explanation) -> Figure:
    """Every row's contributions, a line of dots a feature, drawn by shap."""
    figure, axes = _figure("", "")
    shap.plots.beeswarm(explained, max_display=SHOWN_FEATURES, show=False, ax=axes, plot_size=None)
    axes.set_xlabel("Contribution (log-odds)")
    axes.tick_params(axis="y", labelsize=9)
    return figure


def importance(explained: shap.Explanation) -> Figure:
    """Mean size of each feature's contribution, drawn by shap."""
    figure, axes = _figure("", "")
    shap.plots.bar(explained, max_display=SHOWN_FEATURES, show=False, ax=axes)
    axes.set_xlabel("Mean size of contribution (log-odds)")
    axes.tick_params(axis="y", labelsize=9)
    return figure


def _figure(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(6.6, 5), layout="constrained")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    return figure, axes
