"""What the application needs of the rest, as small interfaces.

Invariant: the application knows scoring, intake and keys only by these, so that it can be tried
without a model or a store.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from features.language import Language
from serving.answers import Readiness, RecordsAnswer, ScoresText
from serving.principal import Principal


class Scoring(Protocol):
    """Whoever scores shipments and crossings."""

    def score(
        self,
        subject: str,
        rows: Sequence[object],
        received_at: datetime,
        principal: Principal,
        language: Language,
    ) -> ScoresText:
        """Score a subject's records, received at a time from the holder of a key."""
        ...

    def read(self, score_id: str, language: Language) -> str | None:
        """Return a score given earlier as JSON, its sentences in a language."""
        ...

    def ready(self) -> Readiness:
        """Name the subjects a score could be given of now; a 503 problem where there is none."""
        ...

    def follow(self) -> None:
        """Keep up with the registry from now on, and prepare for what is seldom asked."""
        ...

    def finish(self) -> None:
        """Do what is left to do when no more requests come."""
        ...


class Intake(Protocol):
    """Whoever takes facts in."""

    def take_in(
        self, kind: str, rows: Sequence[object], received_at: datetime, principal: Principal
    ) -> RecordsAnswer:
        """Store the good records of a kind and return what became of all."""
        ...
