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
    matrix : shape (n, f), the features encoded.
    risks : as `RiskModel.risks` gives them.
    rows : positions of the riskiest rows.
    """

    model: RiskModel
    columns: Mapping[str, NDArray[Any]]
    matrix: NDArray[np.float64]
    risks: Mapping[str, NDArray[np.float64]]
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, model: RiskModel, columns: Mapping[str, NDArray[Any]]) -> _Judged:
        matrix = model.encoding.matrix(columns)
        risks = model.risks(matrix)
        ids = columns[model.features.identity[0]]
        rows = riskiest_rows(ids, risks["log_odds"], columns.get("item_number"))
        return cls(model, columns, matrix, risks, rows)

    def explained(self, part: slice, limit: int) -> Iterator[Assessment]:
        """Explain some of the rows."""
        model, rows = self.model, self.rows[part]
        identity = {name: self.columns[name][rows] for name in model.features.identity}
        ids, numbers = identity[model.features.identity[0]].tolist(), identity.get("item_number")
        known_at = _instants(identity["known_at"])
        risks = {name: values[rows].tolist() for name, values in self.risks.items()}
        channels, offences = model.channel(self.risks["risk"][rows]).tolist(), model.offences
        surprises = model.novelty({name: self.columns[name][rows] for name in model.unseen.usual})
        explanation, every = model.explain_encoded(self.matrix[rows]), self._plain(rows)
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

    def _plain(self, rows: NDArray[np.intp]) -> list[Values]:
        """Give rows as `plain_value` gives each cell; numbers, as most features are, at once."""
        names, encoding = self.model.feature_names, self.model.encoding
        cells = np.empty((len(rows), len(names)), dtype=object)
        if encoding.numbers:
            numbers = side_by_side(self.columns, encoding.numbers, rows)
            plain = numbers.astype(object)
            plain[~np.isfinite(numbers)] = None
            cells[:, encoding.number_places] = plain
        for place in encoding.categories:
            cells[:, place] = list(map(plain_value, self.columns[names[place]][rows].tolist()))
        return [Values(encoding.places, row) for row in cells.tolist()]


def _instants(known_at: NDArray[Any]) -> list[datetime]:
    """Give aware times as they are, and others as of UTC."""
    if known_at.dtype.kind != "M":
        return list(known_at)
    return [moment.replace(tzinfo=UTC) for moment in known_at.astype("datetime64[us]").tolist()]
