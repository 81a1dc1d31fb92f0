"""From assessments to answers, and to what the store keeps of them for replay."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from features.catalog import feature_set
from features.language import ENGLISH, Language
from features.records import Kind
from features.store import Version
from features.store.times import instant, micros
from models.assessment import Assessment
from models.registry import LoadedModel
from models.wording import retold
from serving.answers import Score

__all__ = ["Cases", "answer", "cases", "kept", "told"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Cases:
    """Shipments or crossings to score.

    Attributes
    ----------
    records : list
        Pseudonymised records as they count: all items of a declaration are known at one instant,
        the latest of theirs.
    hashes : dict
        Subject to what names the version of it, whichever order its items came in (SHA-256, hex);
        in order of first appearance.
    """

    records: list[Row]
    hashes: dict[str, str]

    def of(self, kind: Kind, subjects: Collection[str]) -> list[Row]:
        """Give the records of some of them."""
        return [record for record in self.records if record[kind.group] in subjects]


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
        reasons=[reason.to_json() for reason in assessed.reasons],
        other_contribution=assessed.other_contribution,
        model_version=loaded.version,
        novelty=assessed.novelty,
    )


def told(row: Mapping[str, Any], language: Language = ENGLISH) -> Score:
    """Read a stored score; in another language than English its sentences are made anew."""
    if language is ENGLISH:
        return Score.model_validate_json(row["body"])
    said, values = json.loads(row["body"]), json.loads(row["features"])
    return Score(**said | retold(feature_set(row["subject"]), said, values, language))


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


def cases(
    kind: Kind, records: Sequence[Row], versions: Sequence[Version], undated: int | None = None
) -> Cases:
    """Put together what the records of a call make.

    Parameters
    ----------
    versions : sequence of Version
        Since when each record counts, and what it says.
    undated : int, optional
        The instant, in microseconds, that is no part of what a record says: that of receipt, where
        nothing is taken in.
    """
    said: dict[str, list[str]] = {}
    latest: dict[str, int] = {}
    for record, version in zip(records, versions, strict=True):
        subject = str(record[kind.group])
        since = "" if version.known_at == undated else version.known_at
        said.setdefault(subject, []).append(f"{version.content_hash} {since}")
        latest[subject] = max(latest.get(subject, version.known_at), version.known_at)
    known_at = {subject: instant(moment) for subject, moment in latest.items()}
    return Cases(
        [{**record, "known_at": known_at[str(record[kind.group])]} for record in records],
        {subject: _hashed(lines) for subject, lines in said.items()},
    )


def _hashed(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
