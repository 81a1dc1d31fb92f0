"""Score shipments and crossings: check, take in, compute what is new, store, answer.

Invariant: the same record gets the same stored score, whoever asks, whenever and after any restart.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from features.catalog import RECORDS
from features.language import ENGLISH, Language
from features.online import LiveFeatures
from features.records import Kind, kind_of, pseudonymise_mappings
from features.store import Store, Version
from features.store.times import micros
from models.assessment import Assessment, Timed, assess
from models.registry import LoadedModel
from serving.answers import WITHDRAWN, RecordError, ScoresAnswer
from serving.champion import Champion, no_champion
from serving.checking import Row, check_records
from serving.metrics import count_score, queued, stage
from serving.principal import Principal
from serving.problems import store_answers
from serving.roles import Permission
from serving.scoring import Cases, cases, kept, told

__all__ = ["Bench", "Scorer", "assess_live"]


def assess_live(
    loaded: LoadedModel,
    features: LiveFeatures,
    records: Sequence[Mapping[str, Any]],
    timed: Timed = nullcontext,
) -> list[Assessment]:
    """Assess pseudonymised records by their features now."""
    with timed("features"):
        columns = features.columns(records)
    return assess(loaded.model, columns, timed=timed)


@dataclass(frozen=True)
class Bench:
    """Where the records of one subject are scored.

    Parameters
    ----------
    features : LiveFeatures
        Computes the features of records as of now, over the store's history.
    champion : Champion
        The model.
    key : bytes
        Key of the pseudonyms.
    turn : Lock
        One request computes at a time: threads that compute side by side slow each other down.
    """

    features: LiveFeatures
    champion: Champion
    key: bytes = field(repr=False)
    turn: Lock = field(repr=False)

    @property
    def subject(self) -> str:
        """``shipments`` or ``crossings``."""
        return self.features.features.subject

    @property
    def kind(self) -> Kind:
        """The kind of record that is scored."""
        return kind_of(RECORDS[self.subject])

    @property
    def store(self) -> Store:
        """History in, scores out."""
        return self.features.store

    def score(
        self,
        rows: Sequence[object],
        received_at: datetime,
        principal: Principal,
        language: Language = ENGLISH,
    ) -> ScoresAnswer:
        """Score records, one score a subject in order of first appearance."""
        writes_history = principal.role.may(Permission.WRITE_HISTORY)
        self.champion.get()
        accepted, errors = check_records(
            self.kind.name, rows, received_at, writes_history=writes_history
        )
        records = pseudonymise_mappings(accepted.values(), self.kind.name, self.key)
        withdrawn = [self._withdrawn(i, row) for i, row in accepted.items() if row["cancelled"]]
        errors = sorted([*errors, *withdrawn], key=lambda error: error.index)
        if not accepted:
            return ScoresAnswer(scores=[], errors=errors)
        with queued(self.turn):
            scores = self._stored_or_new(self._filed(records, received_at, principal), received_at)
        return ScoresAnswer(scores=[told(row, language) for row in scores], errors=errors)

    def _filed(self, records: list[Row], received_at: datetime, principal: Principal) -> Cases:
        """Take records in, where their holder may file them, and say what is to be scored."""
        undated = None
        versions: tuple[Version, ...]
        if principal.role.may(Permission.FILE_RECORDS):
            with stage("take_in"):
                taken = self.store.take_in(self.kind.name, records, received_at=received_at)
            versions = taken.versions
        else:
            versions = self.store.as_filed(self.kind.name, records, received_at)
            undated = micros(received_at)
        in_force = [
            (record, version)
            for record, version in zip(records, versions, strict=True)
            if not record["cancelled"]
        ]
        rows, dated = [pair[0] for pair in in_force], [pair[1] for pair in in_force]
        return cases(self.kind, rows, dated, undated)

    def _stored_or_new(self, asked: Cases, received_at: datetime) -> list[dict[str, Any]]:
        pairs = list(asked.hashes.items())
        stored = self.store.find_scores(self.subject, pairs)
        new = {subject for subject, content in pairs if (subject, content) not in stored}
        if new:
            self._write(asked, new, received_at)
            stored = self.store.find_scores(self.subject, pairs)
        return [stored[pair] for pair in pairs]

    def _write(self, asked: Cases, new: set[str], received_at: datetime) -> None:
        """Score and store; where another process was faster, its score stands."""
        loaded = self.champion.get()
        assessed = assess_live(loaded, self.features, asked.of(self.kind, new), stage)
        with stage("store"):
            self.store.write_scores(
                {**kept(loaded, one, received_at), "content_hash": asked.hashes[one.id]}
                for one in assessed
            )
        for one in assessed:
            count_score(self.subject, one.channel, loaded.version)

    def _withdrawn(self, index: int, row: Row) -> RecordError:
        return RecordError(
            index=index,
            id=row[self.kind.group],
            field="cancelled",
            code=WITHDRAWN,
            detail="expected a record to score, got its withdrawal: there is nothing to score",
            value=True,
        )


@dataclass(frozen=True)
class Scorer:
    """Scores every subject, and finds scores again.

    Parameters
    ----------
    store : Store
        Where the scores are.
    benches : mapping of str to Bench
        By subject.
    """

    store: Store
    benches: Mapping[str, Bench]

    def score(
        self,
        subject: str,
        rows: Sequence[object],
        received_at: datetime,
        principal: Principal,
        language: Language = ENGLISH,
    ) -> ScoresAnswer:
        """Score a subject's records: see :meth:`Bench.score`."""
        return self.benches[subject].score(rows, received_at, principal, language)

    def read(self, score_id: str, language: Language = ENGLISH) -> str | None:
        """Return a score as JSON, to the letter as it is stored where that is English; or None."""
        row = self.store.read_score(score_id)
        if row is None:
            return None
        return str(row["body"]) if language is ENGLISH else told(row, language).model_dump_json()

    def ready(self) -> list[str]:
        """Name the subjects whose champion is loaded; a 503 problem where there is none.

        An agency may well score one subject only, so one is enough.
        """
        ready = [name for name, bench in self.benches.items() if bench.champion.find()]
        if not ready:
            raise no_champion(" or ".join(self.benches))
        with store_answers():
            self.store.answers()
        return ready
