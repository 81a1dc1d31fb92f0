"""What a model says of each shipment: its riskiest item's score, channel and reasons.

Whoever shows a score, over HTTP or in a file, shows this; reasons, other contribution and base
value sum to the log-odds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.explanation import Explanation
from models.reasons import Reason, Value, plain_value, strongest_reasons
from models.risk import RiskModel

__all__ = ["STRONGEST", "Assessment", "assess"]

STRONGEST = 5
_CHUNK = 1_000
Timed = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True)
class Assessment:
    """One shipment's score and what it was made of.

    Attributes
    ----------
    id, item_number : the shipment, and its riskiest item; without items, 1.
    known_at : the instant the features stand for, UTC.
    offences : risk by offence, for heads of their own.
    features : the item's features; None where missing.
    contributions : shape (f,), calibrated log-odds, in the order of the feature set.
    """

    id: str
    item_number: int
    known_at: pd.Timestamp
    risk: float
    log_odds: float
    base_value: float
    channel: str
    offences: dict[str, float]
    reasons: list[Reason]
    other_contribution: float
    features: dict[str, Value]
    contributions: NDArray[np.float64]


def assess(
    model: RiskModel,
    table: pd.DataFrame,
    limit: int = STRONGEST,
    progress: Callable[[float], None] | None = None,
    timed: Timed = nullcontext,
) -> list[Assessment]:
    """Assess every shipment of a feature table, in order of first appearance.

    The stages that `timed` is told are ``score`` and ``explain``.
    """
    with timed("score"):
        shipments = model.per_shipment(model.score(table)).reset_index(drop=True)
        rows = _rows_of(model, table, shipments)
        channels = model.channel(shipments["risk"].to_numpy())
    found: list[Assessment] = []
    for start in range(0, len(shipments), _CHUNK):
        part = slice(start, start + _CHUNK)
        scored = shipments.iloc[part]
        with timed("explain"):
            found += _assess_part(model, rows.iloc[part], scored, channels[part], limit)
        if progress:
            progress(len(found) / len(shipments))
    return found


def _rows_of(model: RiskModel, table: pd.DataFrame, shipments: pd.DataFrame) -> pd.DataFrame:
    """Find the rows of a table that stand for their shipments."""
    keys = [name for name in model.features.identity if name != "known_at"]
    every, wanted = (pd.MultiIndex.from_frame(frame[keys]) for frame in (table, shipments))
    return table.iloc[every.get_indexer(wanted)]


def _assess_part(
    model: RiskModel,
    rows: pd.DataFrame,
    shipments: pd.DataFrame,
    channels: NDArray[np.str_],
    limit: int,
) -> Iterator[Assessment]:
    explanation = model.explain(rows)
    scored = shipments.to_dict("records")
    for position, features in enumerate(_plain_rows(model, rows)):
        shipment = scored[position]
        reasons, other = _reasons(model, features, explanation, position, limit)
        yield Assessment(
            id=str(shipment[model.features.identity[0]]),
            item_number=int(shipment.get("item_number", 1)),
            known_at=shipment["known_at"],
            risk=float(shipment["risk"]),
            log_odds=float(shipment["log_odds"]),
            base_value=explanation.base_value,
            channel=str(channels[position]),
            offences={name: float(shipment[f"risk_{name}"]) for name in model.offences},
            reasons=reasons,
            other_contribution=other,
            features=features,
            contributions=explanation.contributions[position],
        )


def _reasons(
    model: RiskModel,
    features: dict[str, Value],
    explanation: Explanation,
    position: int,
    limit: int,
) -> tuple[list[Reason], float]:
    contributions = explanation.contributions[position]
    return strongest_reasons(model.features, features, contributions, model.normals, limit)


def _plain_rows(model: RiskModel, rows: pd.DataFrame) -> Iterator[dict[str, Value]]:
    names = model.feature_names
    columns = [[plain_value(value) for value in rows[name].tolist()] for name in names]
    for cells in zip(*columns, strict=True):
        yield dict(zip(names, cells, strict=True))
