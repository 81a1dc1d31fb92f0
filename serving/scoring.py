"""From assessments to answers, and to what the store keeps of them for replay."""

import hashlib
import json
import math
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from features.catalog import feature_set
from features.language import ENGLISH, Language
from features.records import Kind
from features.store import LINKS, Version
from features.store.times import instant, micros
from models.assessment import Assessment
from models.registry import LoadedModel
from models.wording import retold
from serving.answers import Score

__all__ = ["Cases", "Filing", "Row", "cases", "kept", "told", "told_now"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Filing:
    """What is kept of shipments or crossings beside their scores.

    Attributes
    ----------
    hashes : dict
        Subject to what names the version of it, whichever order its items came in (SHA-256, hex);
        in order of first appearance.
    unfiled : frozenset
        Subjects that were asked about and never filed; their scores take no place among those of
        what was.
    """

    hashes: dict[str, str]
    unfiled: frozenset[str] = frozenset()

    def under(self, rows: Sequence[Row]) -> list[Row]:
        """Say in rows of scores what they are scores of."""
        return [
            row
            | {
                "content_hash": self.hashes[row["record_id"]],
                "filed": row["record_id"] not in self.unfiled,
            }
            for row in rows
        ]


@dataclass(frozen=True)
class Cases:
    """Shipments or crossings to score.

    Attributes
    ----------
    records : list
        Pseudonymised records as they count: all items of a declaration are known at one instant,
        the latest of theirs.
    filing : Filing
        What is kept of each.
    """

    records: list[Row]
    filing: Filing

    def of(self, kind: Kind, subjects: Collection[str]) -> list[Row]:
        """Give the records of some of them."""
        return [record for record in self.records if record[kind.group] in subjects]


def told(row: Row, language: Language = ENGLISH) -> str:
    """Tell a kept score as the API gives it, as JSON, with the scores before and after it.

    In another language than English its sentences are made anew.
    """
    if language is ENGLISH:
        score = Score.model_validate_json(row["body"])
    else:
        said, values = json.loads(row["body"]), row["features"]
        score = Score(**said | retold(feature_set(row["subject"]), said, values, language))
    return score.model_copy(update={name: row[name] for name in LINKS}).model_dump_json()


def told_now(row: Row, language: Language = ENGLISH) -> str:
    """Tell the same of a score that was made by this release: its text is what the API gives."""
    if language is not ENGLISH:
        return told(row, language)
    links = orjson.dumps({name: row[name] for name in LINKS}).decode()
    return f"{row['body'][:-1]},{links[1:]}"


def kept(loaded: LoadedModel, assessed: Assessment, received_at: datetime) -> Row:
    """Write an assessment as a row of the store's table of scores, under a new score id.

    What it is a score of, :class:`Filing` knows.

    Raises
    ------
    ValueError
        Where a figure is not finite.
    """
    _check_finite(assessed)
    both = {
        "item_number": assessed.item_number,
        "score_id": str(uuid.uuid4()),
        "risk": assessed.risk,
        "log_odds": assessed.log_odds,
        "base_value": assessed.base_value,
        "channel": assessed.channel,
    }
    score = {
        "id": assessed.id,
        **both,
        "offences": assessed.offences,
        "reasons": assessed.reasons,
        "other_contribution": assessed.other_contribution,
        "model_version": loaded.version,
        "novelty": assessed.novelty,
    }
    return {
        **both,
        "model_version": loaded.version,
        "subject": loaded.model.subject,
        "record_id": assessed.id,
        "known_at": micros(assessed.known_at),
        "scored_at": micros(received_at),
        "fingerprint": loaded.model.fingerprint,
        "body": orjson.dumps(score).decode(),
        "features": assessed.features,
    }


def _check_finite(assessed: Assessment) -> None:
    """Refuse figures that are no numbers: JSON would hold null for them."""
    figures = [
        *(assessed.log_odds, assessed.base_value, assessed.other_contribution),
        *(assessed.surprise.surprisal, *assessed.offences.values()),
        *[reason["contribution"] for reason in assessed.reasons],
    ]
    if not math.isfinite(sum(figures)):
        raise ValueError(f"expected finite figures of the score of {assessed.id}, got {figures}")


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
    unfiled: set[str] = set()
    for record, version in zip(records, versions, strict=True):
        subject = str(record[kind.group])
        since = "" if version.known_at == undated else version.known_at
        unfiled |= {subject} if version.known_at == undated else set()
        said.setdefault(subject, []).append(f"{version.content_hash} {since}")
        latest[subject] = max(latest.get(subject, version.known_at), version.known_at)
    known_at = {subject: instant(moment) for subject, moment in latest.items()}
    return Cases(
        [{**record, "known_at": known_at[str(record[kind.group])]} for record in records],
        Filing({subject: _hashed(lines) for subject, lines in said.items()}, frozenset(unfiled)),
    )


def _hashed(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
