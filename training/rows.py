"""Tables of an account: figures as words, beside their intervals and attainable maxima."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from models import RiskModel
from training.evidence import Evidence
from training.groups import ErrorRate
from training.intervals import Interval
from training.metrics import INSPECTION_RATES_PCT
from training.report import Figures, Report
from training.rival import Rival

SHOWN_GROUPS = 12
BRIEF = ("precision_at_5pct", "recall_at_5pct", "average_precision", "roc_auc", "base_rate")
_AT_RATE = ("precision", "recall", "revenue_recall")
_WIDE = ("average_precision", "roc_auc", "expected_calibration_error", "brier", "base_rate")
_COUNTED = {
    "": "As inspected",
    "weighted_": "All traffic, estimated",
    "random_": "Drawn at random",
}
_NAMES = {"roc_auc": "Area under the ROC curve", "brier": "Brier score"}
_MOMENTS = {
    "training_first": "First record",
    "training_last": "Last record",
    "known_last": "Last result known",
    "calibration_first": "Stopped and calibrated on records from",
}
_COUNTS = {
    "rows": "Labelled records (goods items or crossings)",
    "subjects": "Labelled shipments or crossings",
    "With an offence: overall": "With any offence",
}
_BY = {"nationality": "By the driver's nationality", "origin": "By origin of the goods"}


@dataclass(frozen=True)
class Table:
    """A table of words and figures; the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def headline_table(report: Report, evidence: Evidence, rival: Rival | None) -> Table:
    """Every figure, counted in every way there are labels for, and the champion's."""
    metrics = report.metrics
    held = {prefix: words for prefix, words in _COUNTED.items() if f"{prefix}base_rate" in metrics}
    names = [f"{kind}_at_{rate}pct" for kind in _AT_RATE for rate in INSPECTION_RATES_PCT]
    rows = []
    for name in (name for name in (*names, *_WIDE) if name in metrics):
        cells = [_with_interval(metrics, evidence.intervals, each + name) for each in held]
        cells.append(cell(metrics, f"{name}_attainable"))
        if rival is not None:
            cells.append(cell(rival.metrics, name))
        rows.append((metric_words(name), *cells))
    header = ["", *held.values(), "Attainable as inspected"]
    if rival is not None:
        header.append(f"Champion, version {rival.version}")
    caption = "Figures with 95 % intervals, beside the best that any order could reach"
    return Table(caption, tuple(header), tuple(rows))


def error_table(attribute: str, rates: Iterable[ErrorRate]) -> Table:
    """Error rates of the largest groups of one attribute."""
    rates = list(rates)
    largest = sorted(rates, key=lambda one: -one.cleared)[:SHOWN_GROUPS]
    title = _BY.get(attribute, f"By {attribute}")
    if len(rates) > len(largest):
        title += f" (the {len(largest)} largest of {len(rates)} groups)"
    rows = [
        (
            one.group,
            f"{one.cleared:,}",
            _rate(one.false_positive_rate, one.interval, 1),
            f"{one.offences:,}",
            _rate(one.false_negative_rate, one.missed_interval, 0) if one.offences else "-",
        )
        for one in largest
    ]
    header = (attribute.capitalize(), "Cleared", "False positives", "Offences", "Missed")
    return Table(title, header, tuple(rows))


def _rate(value: float, interval: Interval, digits: int) -> str:
    low, high = interval
    return f"{percent(value, digits)} ({percent(low, digits)} to {percent(high, digits)})"


def percent(share: float, digits: int = 0) -> str:
    """Write a share as a percentage that no line breaks."""
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def data_table(model: RiskModel) -> Table:
    """Period and counts of what a model was fitted on, and what it is made of."""
    rows = [(_MOMENTS.get(name, name), moment[:10]) for name, moment in model.periods.items()]
    rows += [(_COUNTS.get(name, name), f"{count:,}") for name, count in _counts(model)]
    rows += [("Features", f"{len(model.feature_names)}")]
    rows += [("Fingerprint of the feature set", model.fingerprint[:16])]
    rows += [
        (f"Trees of the {name} head", f"{head.booster.num_trees()}")
        for name, head in model.heads.items()
    ]
    return Table("What the model was fitted on", ("", ""), tuple(rows))


def _counts(model: RiskModel) -> Iterator[tuple[str, int]]:
    for name, count in model.counts.items():
        _, found, offence = name.partition("positives_")
        yield (f"With an offence: {offence}" if found else name), count


def parts_table(
    caption: str, kind: str, parts: Mapping[str, Figures], names: tuple[str, ...]
) -> Table:
    """One row a part of the records, such as a month, and a column a figure."""
    header = (kind, "Inspected", "Offences", *map(metric_words, names))
    rows = [
        (
            name,
            f"{figures['shipments']:,.0f}",
            f"{figures['offences']:,.0f}",
            *(cell(figures, one) for one in names),
        )
        for name, figures in parts.items()
    ]
    return Table(caption, header, tuple(rows))


def metric_words(metric: str) -> str:
    """Give a metric's name as a reader knows it."""
    if metric in _NAMES:
        return _NAMES[metric]
    base, _, rate = metric.partition("_at_")
    words = base.replace("_", " ").capitalize()
    return f"{words} at {percent(int(rate.removesuffix('pct')) / 100)}" if rate else words


def _with_interval(metrics: Figures, intervals: Mapping[str, Interval], name: str) -> str:
    text = cell(metrics, name)
    if name not in intervals:
        return text
    low, high = intervals[name]
    return f"{text} ({low:.3f} to {high:.3f})"


def cell(figures: Mapping[str, float | None], name: str) -> str:
    """Write a figure, or a dash where there is none."""
    value = figures.get(name)
    return "-" if value is None else f"{value:.3f}"
