"""What a model says of each shipment (its riskiest item's) or crossing: score, channel, reasons.

Whoever shows a score, over HTTP or in a file, shows this; reasons, other contribution and base
value sum to the log-odds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.novelty import Surprise
from models.ranking import riskiest_rows
from models.reasons import Reason
from models.risk import RiskModel
from models.values import Table, Value, Values, plain_value, side_by_side
from models.wording import novelty_text

__all__ = ["STRONGEST", "Assessment", "assess"]

STRONGEST = 5
_CHUNK = 1_000
Timed = Callable[[str], AbstractContextManager[object]]
_Rows = slice | NDArray[np.intp]


@dataclass(frozen=True)
class Assessment:
    """One shipment's or crossing's score and what it was made of.

    Attributes
    ----------
    id, item_number : the shipment, and its riskiest item; a crossing has no items, and None.
    known_at : the instant the features stand for, UTC.
    offences : risk by offence, for heads of their own.
    surprise : how unlike the records of training the item is, by what it states.
    unlike : of a novel one, the sentence that says so; else None.
    features : the item's features; None where missing.
    contributions : shape (f,), calibrated log-odds, in the order of the feature set.
    """

    id: str
    item_number: int | None
    known_at: datetime
    risk: float
    log_odds: float
    base_value: float
    channel: str
    offences: dict[str, float]
    reasons: list[Reason]
    other_contribution: float
    surprise: Surprise
    unlike: str | None
    features: Mapping[str, Value]
    contributions: NDArray[np.float64]

    @property
    def novelty(self) -> dict[str, Any]:
        """Whether the item is novel, as the API gives it."""
        return {
            "is_novel": self.surprise.is_novel,
            "surprisal": self.surprise.surprisal,
            "threshold": self.surprise.threshold,
            "feature": self.surprise.feature,
            "text": self.unlike,
        }


def assess(
    model: RiskModel,
    table: Table,
    limit: int = STRONGEST,
    progress: Callable[[float], None] | None = None,
    timed: Timed = nullcontext,
) -> list[Assessment]:
    """Assess every shipment or crossing of a feature table, in order of first appearance.

    Parameters
    ----------
    table : a frame, or an array a column, of which few rows take a tenth of a frame's time.
    timed : entered around the stages ``score`` and ``explain``.
    """
    if isinstance(table, pd.DataFrame):
        names = (*model.features.identity, *model.feature_names)
        table = {name: np.asarray(table[name]) for name in names}
    with timed("score"):
        judged = _Judged.of(model, table)
    found: list[Assessment] = []
    for start in range(0, len(judged.rows), _CHUNK):
        with timed("explain"):
            found += judged.explained(slice(start, start + _CHUNK), limit)
        if progress:
            progress(len(found) / len(judged.rows))
    return found


@dataclass(frozen=True)
class _Judged:
    """A feature table with its risks, and the rows that stand for their shipments.

    Attributes
    ----------
    columns : identity and features, shape (n,) each.
    matrix, numbers : as `Encoding.encoded` gives them.
    risks : as `RiskModel.risks` gives them.
    rows : positions of the riskiest rows.
    """

    model: RiskModel
    columns: Mapping[str, NDArray[Any]]
    matrix: NDArray[np.float64]
    numbers: NDArray[np.float64] | None
    risks: Mapping[str, NDArray[np.float64]]
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, model: RiskModel, columns: Mapping[str, NDArray[Any]]) -> _Judged:
        matrix, numbers = model.encoding.encoded(columns)
        risks = model.risks(matrix)
        ids = columns[model.features.identity[0]]
        rows = riskiest_rows(ids, risks["log_odds"], columns.get("item_number"))
        return cls(model, columns, matrix, numbers, risks, rows)

    def explained(self, part: slice, limit: int) -> Iterator[Assessment]:
        """Explain some of the rows."""
        model, identity = self.model, self.model.features.identity
        rows, columns = self._chosen(self.rows[part])
        ids = columns[identity[0]].tolist()
        numbers = columns["item_number"] if "item_number" in identity else None
        known_at = _instants(columns["known_at"])
        risks = {name: values[rows].tolist() for name, values in self.risks.items()}
        channels, offences = model.channel(self.risks["risk"][rows]).tolist(), model.offences
        surprises = model.novelty(columns)
        explanation, every = model.explain_encoded(self.matrix[rows]), self._plain(rows, columns)
        told = model.reasoning.strongest(every, explanation.contributions, limit)
        for place, (reasons, other) in enumerate(told):
            surprise = surprises[place]
            yield Assessment(
                id=str(ids[place]),
                item_number=None if numbers is None else int(numbers[place]),
                known_at=known_at[place],
                risk=risks["risk"][place],
                log_odds=risks["log_odds"][place],
                base_value=explanation.base_value,
                channel=channels[place],
                offences={name: risks[f"risk_{name}"][place] for name in offences},
                reasons=reasons,
                other_contribution=other,
                surprise=surprise,
                unlike=novelty_text(model.features, surprise.feature, every[place])
                if surprise.is_novel
                else None,
                features=every[place],
                contributions=explanation.contributions[place],
            )

    def _chosen(self, rows: NDArray[np.intp]) -> tuple[_Rows, Mapping[str, NDArray[Any]]]:
        """Give what is read of some rows column by column; where all are chosen, all as they are.

        They are in most calls, whose shipments have one row each.
        """
        if len(rows) == len(self.matrix):
            return slice(None), self.columns
        model = self.model
        names = {*model.features.identity, *model.unseen.usual, *model.encoding.levels}
        return rows, {name: self.columns[name][rows] for name in names}

    def _plain(self, rows: _Rows, columns: Mapping[str, NDArray[Any]]) -> list[Values]:
        """Give rows as `plain_value` gives each cell; numbers, as most features are, at once."""
        names, encoding, numbers = self.model.feature_names, self.model.encoding, self.numbers
        if numbers is None:
            numbers = side_by_side(self.columns, encoding.numbers, rows)
        else:
            numbers = numbers[rows]
        plain = numbers.astype(object)
        plain[~np.isfinite(numbers)] = None
        cells = plain.tolist()
        for place in encoding.categories:
            levels = map(plain_value, columns[names[place]].tolist())
            for row, level in zip(cells, levels, strict=True):
                row.insert(place, level)
        return [Values(encoding.places, row) for row in cells]


def _instants(known_at: NDArray[Any]) -> list[datetime]:
    """Give aware times as they are, and others as of UTC."""
    if known_at.dtype.kind != "M":
        return list(known_at)
    return [moment.replace(tzinfo=UTC) for moment in known_at.astype("datetime64[us]").tolist()]
