"""From a feature table to answers: the riskiest item of each shipment, with its reasons.

Invariant: reasons, other contribution and base value sum to the log-odds.
"""

import hashlib
import json
import uuid
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.records import KINDS
from features.store.times import micros
from features.store.versions import content_hashes
from models import Explanation
from models.reasons import Value, plain_value
from models.registry import LoadedModel
from serving.answers import Reason, Score

STRONGEST = 5


@dataclass(frozen=True)
class Scored:
    """A score and what it was made of.

    Parameters
    ----------
    score : Score
        As answered.
    known_at : Timestamp
        The time the features stand for, UTC.
    fingerprint : str
        Of the feature set.
    features : dict
        The riskiest item's features; None where missing.
    """

    score: Score
    known_at: pd.Timestamp
    fingerprint: str
    features: dict[str, Value]

    def row(self, subject: str, content_hash: str, scored_at: datetime) -> dict[str, Any]:
        """Return the row of the store's table of scores."""
        taken = {"score_id", "item_number", "model_version", "risk", "log_odds", "base_value"}
        return {
            **self.score.model_dump(include=taken | {"channel"}),
            "subject": subject,
            "record_id": self.score.id,
            "content_hash": content_hash,
            "known_at": micros(self.known_at.to_pydatetime()),
            "scored_at": micros(scored_at),
            "fingerprint": self.fingerprint,
            "body": self.score.model_dump_json(),
            "features": json.dumps(self.features, allow_nan=False),
        }


def score_table(loaded: LoadedModel, table: pd.DataFrame) -> list[Scored]:
    """Score a feature table, one score a declaration in order of first appearance."""
    model = loaded.model
    shipments = model.per_shipment(model.score(table))
    riskiest = table.iloc[_positions(table, shipments)]
    explanation = model.explain(riskiest)
    channels = model.channel(shipments["risk"].to_numpy())
    features = _plain_rows(riskiest, model.feature_names)
    return [
        Scored(
            _score(loaded, row, str(channels[i]), riskiest, explanation, i),
            row["known_at"],
            model.fingerprint,
            features[i],
        )
        for i, row in enumerate(shipments.to_dict("records"))
    ]


def _score(  # noqa: PLR0913, PLR0917 - the parts of one answer
    loaded: LoadedModel,
    row: dict[Hashable, Any],
    channel: str,
    table: pd.DataFrame,
    explanation: Explanation,
    position: int,
) -> Score:
    reasons, other = loaded.model.reasons(position, table, explanation, limit=STRONGEST)
    return Score(
        id=row["declaration_id"],
        item_number=row["item_number"],
        score_id=str(uuid.uuid4()),
        risk=row["risk"],
        log_odds=row["log_odds"],
        base_value=explanation.base_value,
        channel=channel,
        offences={name: row[f"risk_{name}"] for name in loaded.model.offences},
        reasons=[Reason(**reason) for reason in reasons],
        other_contribution=other,
        model_version=loaded.version,
    )


def _positions(table: pd.DataFrame, shipments: pd.DataFrame) -> NDArray[np.intp]:
    items = ["declaration_id", "item_number"]
    rows = pd.MultiIndex.from_frame(table[items])
    return rows.get_indexer(pd.MultiIndex.from_frame(shipments[items]))


def _plain_rows(table: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Value]]:
    columns = (map(plain_value, table[name].tolist()) for name in names)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def shipment_hashes(records: pd.DataFrame, received_at: datetime) -> dict[str, str]:
    """Hash what each declaration says, whichever order its items came in.

    The time of receipt is not part of what it says; a `known_at` of its own is.

    Returns
    -------
    dict
        Declaration to hash (SHA-256, hex), in order of first appearance.
    """
    received = pd.Timestamp(received_at)
    own = ["" if known == received else known.isoformat() for known in records["known_at"]]
    said = pd.Series(content_hashes(records, KINDS["declarations"]), records.index) + own
    return {
        str(declaration): hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
        for declaration, lines in said.groupby(records["declaration_id"], sort=False)
    }
