"""What an ablation said each family of records adds, as a section of an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.rows import Table, cell, metric_words, percent
from training.sections import Section, flowing

__all__ = ["FAMILIES", "families_section"]

Rows = Sequence[Mapping[str, Any]]

FAMILIES = "What each family of records adds"

_FIGURES = ("precision_at_1pct", "precision_at_2pct", "precision_at_5pct", "average_precision")
_BY_OFFENCE = "average_precision_"
_RECORDS = {
    "customs": "declarations and controls",
    "border": "crossings and controls",
    "transit": "movements in transit",
    "payments": "payments",
    "relations": "who deals with whom",
}
_JUDGED = {
    "inspected": "Judged by what inspections found",
    "simulated_traffic": "Judged by the truth of all traffic, which only a simulated world has",
}
_SHARES = {
    "policy": "Inspected then",
    "policy_found": "Found then",
    "model": "This model",
    "model_without": "Without it in training",
    "oracle": "Best possible",
    "random": "By lot",
}


def families_section(subject: str, ablated: Mapping[str, Any] | None) -> Section:
    """Tell an ablation, or that there was none.

    Parameters
    ----------
    ablated : as `Ablated.to_json` gives it.
    """
    if ablated is None:
        none = f"""
            Not known for this version: what each family of records adds is shown once
            `tidewaiter ablate {subject}` was run on the same records, features and first day of
            evaluation.
        """
        return Section(FAMILIES, (flowing(none),))
    how = f"""
        The model was fitted again with one family of records more at a time, on the same training
        records with default settings, and judged on the same {subject}; each row adds a family to
        those above it. A gain is in average precision over the row above, with the 95 % interval
        of a bootstrap; where that reaches 0, a gain is not shown.
    """
    tables = []
    for kind, words in _JUDGED.items():
        if kind in ablated:
            tables += [_steps(words, ablated[kind]), _offences(words, ablated[kind])]
    if "simulated_typologies" in ablated:
        tables.append(_typologies(ablated["simulated_typologies"]))
    return Section(FAMILIES, (flowing(how),), tuple(tables))


def _steps(words: str, rows: Rows) -> Table:
    header = ("Records of", *map(metric_words, _FIGURES), "Gain", "Is it shown?")
    cells = ((_family(row), *(cell(row, name) for name in _FIGURES), *_gain(row)) for row in rows)
    return Table(words, header, tuple(cells))


def _offences(words: str, rows: Rows) -> Table:
    names = dict.fromkeys(name for row in rows for name in row if name.startswith(_BY_OFFENCE))
    offences = [name.removeprefix(_BY_OFFENCE).capitalize() for name in names]
    cells = ((_family(row), *(cell(row, name) for name in names)) for row in rows)
    caption = f"Average precision by offence, {words[:1].lower()}{words[1:]}"
    return Table(caption, ("Records of", *offences), tuple(cells))


def _family(row: Mapping[str, Any]) -> str:
    *before, added = row["families"].split("+")
    words = _RECORDS.get(added, added)
    return f"+ {words}" if before else words


def _gain(row: Mapping[str, Any]) -> tuple[str, str]:
    if row.get("gain") is None:
        return "-", "-"
    interval = f"{row['gain']:+.3f} ({row['gain_low']:+.3f} to {row['gain_high']:+.3f})"
    return interval, "no" if row["adds_nothing_shown"] else "yes"


def _typologies(rows: Rows) -> Table:
    shares = [name for name in _SHARES if any(row.get(name) is not None for row in rows)]
    cells = [
        (
            str(row["typology"]).capitalize(),
            f"{row['offending']:,}",
            *(percent(row[n]) if row.get(n) is not None else "-" for n in shares),
        )
        for row in rows
    ]
    header = ("Simulated typology", "Offending", *(_SHARES[name] for name in shares))
    return Table("Share of what offends that is reached", header, tuple(cells))
