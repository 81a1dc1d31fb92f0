"""From assessments to answers, and to what the store keeps of them for replay."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

import pandas as pd

from features.records import KINDS
from features.store.times import micros
from features.store.versions import content_hashes
from models.assessment import Assessment
from models.registry import LoadedModel
from serving.answers import Reason, Score

__all__ = ["answer", "kept", "shipment_hashes"]


def answer(loaded: LoadedModel, assessed: Assessment) -> Score:
    """Write an assessment as the API gives it, under a new score id."""
    return Score(
        id=assessed.id,
        item_number=assessed.item_number,
        score_id=str(uuid.uuid4()),
        risk=assessed.risk,
        log_odds=assessed.log_odds,
        base_value=assessed.base_value,
        channel=assessed.channel,
        offences=assessed.offences,
        reasons=[Reason(**reason.to_json()) for reason in assessed.reasons],
        other_contribution=assessed.other_contribution,
        model_version=loaded.version,
    )


def kept(loaded: LoadedModel, assessed: Assessment, received_at: datetime) -> dict[str, Any]:
    """Write an assessment as a row of the store's table of scores, but for its content's hash."""
    score = answer(loaded, assessed)
    taken = {"score_id", "item_number", "model_version", "risk", "log_odds", "base_value"}
    return {
        **score.model_dump(include=taken | {"channel"}),
        "subject": loaded.model.subject,
        "record_id": score.id,
        "known_at": micros(assessed.known_at.to_pydatetime()),
        "scored_at": micros(received_at),
        "fingerprint": loaded.model.fingerprint,
        "body": score.model_dump_json(),
        "features": json.dumps(assessed.features, allow_nan=False),
    }


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
