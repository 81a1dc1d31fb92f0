"""Figures as a table to read on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from training.metrics import INSPECTION_RATES_PCT

_AT_RATE = ("precision", "recall", "revenue_recall")
_WIDE = ("average_precision", "roc_auc", "brier", "expected_calibration_error", "base_rate")


def figures_table(figures: Mapping[str, Any], title: str) -> Table:
    """One row an inspection rate, each figure beside its attainable maximum; then the others."""
    table = Table(
        title=f"{title}, evaluated from {figures['evaluate_from']} on "
        f"{figures['shipments']:.0f} inspected {figures['subject']}, "
        f"{figures['offences']:.0f} with an offence"
    )
    table.add_column("inspected")
    for name in _AT_RATE:
        table.add_column(f"{name.replace('_', ' ')} (attainable)", justify="right")
    for rate_pct in INSPECTION_RATES_PCT:
        cells = [_pair(figures, f"{name}_at_{rate_pct}pct") for name in _AT_RATE]
        table.add_row(f"{rate_pct} %", *cells)
    table.add_section()
    for name in _WIDE:
        if name in figures:
            table.add_row(name.replace("_", " "), f"{figures[name]:.4f}")
    return table


def _pair(figures: Mapping[str, Any], name: str) -> str:
    if name not in figures:
        return "-"
    return f"{figures[name]:.3f} ({figures[name + '_attainable']:.3f})"
