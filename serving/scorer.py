"""Score shipments: check, look up, compute what is new, store, answer.

Invariant: the same record gets the same stored score, whoever asks, whenever and after any restart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import pandas as pd

from features.online import LiveFeatures
from features.records import pseudonymise
from features.store import Store
from models.assessment import assess
from serving.answers import Score, ScoresAnswer
from serving.champion import Champion
from serving.checking import check_records
from serving.metrics import count_score, queued, stage
from serving.principal import Principal
from serving.problems import store_answers
from serving.roles import Permission
from serving.scoring import kept, shipment_hashes

SUBJECT = "shipments"
Pair = tuple[str, str]


@dataclass(frozen=True)
class Scorer:
    """Scores shipments with the champion, over the store's history.

    Parameters
    ----------
    store : Store
        History in, scores out.
    champion : Champion
        The model.
    features : LiveFeatures
        Computes the features of records as of now.
    key : bytes
        Key of the pseudonyms.
    turn : Lock
        One request computes at a time: threads that compute side by side slow each other down.
    """

    store: Store
    champion: Champion
    features: LiveFeatures
    key: bytes = field(repr=False)
    turn: Lock = field(default_factory=Lock, repr=False)

    def score(
        self, rows: Sequence[object], received_at: datetime, principal: Principal
    ) -> ScoresAnswer:
        """Score records, one score a declaration in order of first appearance."""
        writes_history = principal.role.may(Permission.WRITE_HISTORY)
        self.champion.get()
        accepted, errors = check_records(
            "declarations", rows, received_at, writes_history=writes_history
        )
        if accepted.empty:
            return ScoresAnswer(scores=[], errors=errors)
        records = pseudonymise(accepted, "declarations", self.key)
        scores = self._stored_or_new(records, received_at)
        return ScoresAnswer(scores=scores, errors=errors)

    def read(self, score_id: str) -> str | None:
        """Return the JSON a score was answered with, or None."""
        row = self.store.read_score(score_id)
        return None if row is None else str(row["body"])

    def check_ready(self) -> None:
        """Raise a 503 problem unless a champion is loaded and the store answers."""
        self.champion.get()
        with store_answers():
            self.store.answers()

    def _stored_or_new(self, records: pd.DataFrame, received_at: datetime) -> list[Score]:
        hashes = shipment_hashes(records, received_at)
        pairs: list[Pair] = list(hashes.items())
        stored = self.store.find_scores(SUBJECT, pairs)
        new = [record for record, content in pairs if (record, content) not in stored]
        if new:
            is_new = records["declaration_id"].isin(new)
            self._write(records[is_new], hashes, received_at)
            stored = self.store.find_scores(SUBJECT, pairs)
        return [Score.model_validate_json(stored[pair]["body"]) for pair in pairs]

    def _as_known(self, records: pd.DataFrame) -> pd.DataFrame:
        """Let a record the store holds already be known from then, so that it is no fact of itself.

        All items of a declaration are known at one instant: the latest of theirs.
        """
        filed = self.store.as_filed("declarations", records)
        known_at = filed.groupby("declaration_id")["known_at"].transform("max")
        return filed.assign(known_at=known_at)

    def _write(self, records: pd.DataFrame, hashes: dict[str, str], received_at: datetime) -> None:
        """Score and store; where another request was faster, its score stands."""
        with queued(self.turn):
            with stage("features"):
                table = self.features.table(self._as_known(records))
            loaded = self.champion.get()
            assessed = assess(loaded.model, table, timed=stage)
        with stage("store"):
            self.store.write_scores(
                {**kept(loaded, one, received_at), "content_hash": hashes[one.id]}
                for one in assessed
            )
        for one in assessed:
            count_score(SUBJECT, one.channel, loaded.version)
