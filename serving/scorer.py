"""Scores of every subject: made, found again, and whether any can be given now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Thread

from features.language import ENGLISH, Language
from features.store import Store
from serving.answers import Readiness, ScoresText
from serving.principal import Principal
from serving.problems import store_answers
from serving.queue import Queue
from serving.roster import Roster, no_champion
from serving.scoring import told
from serving.shadow import Shadow

__all__ = ["Scorer"]


@dataclass(frozen=True)
class Scorer:
    """Scores every subject, and finds scores again.

    Parameters
    ----------
    store : Store
        Where the scores are.
    queues : mapping of str to Queue
        By subject.
    roster : Roster
        The versions in service.
    shadow : Shadow
        What is still to be scored after the answers.
    """

    store: Store
    queues: Mapping[str, Queue]
    roster: Roster
    shadow: Shadow

    def score(
        self,
        subject: str,
        rows: Sequence[object],
        received_at: datetime,
        principal: Principal,
        language: Language = ENGLISH,
    ) -> ScoresText:
        """Score a subject's records: see :meth:`Queue.score`."""
        return self.queues[subject].score(rows, received_at, principal, language)

    def read(self, score_id: str, language: Language = ENGLISH) -> str | None:
        """Return a score as JSON, or None."""
        row = self.store.read_score(score_id)
        return None if row is None else told(row, language)

    def ready(self) -> Readiness:
        """Name the subjects whose champion is loaded; a 503 problem where there is none.

        An agency may well score one subject only, so one is enough.
        """
        ready = [name for name in self.queues if self.roster.line_up(name).champion]
        if not ready:
            raise no_champion(" or ".join(self.queues))
        with store_answers():
            self.store.answers()
        return Readiness(subjects=ready, troubles=self.roster.troubles() or None)

    def follow(self) -> None:
        """Keep up with the registry from now on, and meanwhile be ready for amended records."""
        self.roster.follow()
        Thread(target=self._prepare, name="prepare", daemon=True).start()

    def _prepare(self) -> None:
        for subject in self.queues:
            self.store.prepare_for_amendments(subject)

    def finish(self) -> None:
        """Ask the registry no more, and score what is left to score in the shadow."""
        self.roster.end()
        self.shadow.finish()
