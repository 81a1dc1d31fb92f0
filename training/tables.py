"""Figures as a table to read on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from training.metrics import INSPECTION_RATES_PCT

_AT_RATE = ("precision", "recall", "revenue_recall")
_FIGURES = ("average_precision", "roc_auc", "brier", "expected_calibration_error", "base_rate")


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
    for name in _FIGURES:
        if name in figures:
            table.add_row(name.replace("_", " "), f"{figures[name]:.4f}")
    return table


def rows_table(rows: Sequence[Mapping[str, Any]], title: str) -> Table:
    """Rows of figures by name, as they are."""
    table = Table(title=title)
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        table.add_column(name.replace("_", " "), justify="left" if name == names[0] else "right")
    for row in rows:
        table.add_row(*(_shown(row.get(name)) for name in names))
    return table


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _pair(figures: Mapping[str, Any], name: str) -> str:
    if name not in figures:
        return "-"
    return f"{figures[name]:.3f} ({figures[name + '_attainable']:.3f})"
