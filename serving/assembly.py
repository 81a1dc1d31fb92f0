"""Put the parts of the service together for one home.

Invariant: importing `serving.service` costs little, because everything heavy is imported here only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import uuid4

from features.catalog import RECORDS
from features.home import Home
from features.online import LiveFeatures
from features.records import check_mappings, kind_of
from features.store import Store
from models.assessment import assess
from models.registry import LoadedModel
from serving.access import Access
from serving.app import Desk, utc_now
from serving.bench import Bench
from serving.canary import Canary
from serving.copies import Copies
from serving.examples import EXAMPLES
from serving.intake import StoreIntake
from serving.queue import Queue
from serving.roster import Roster, Source
from serving.scorer import Scorer
from serving.shadow import Shadow


def assemble(home: Home, source: Source, clock: Callable[[], datetime] = utc_now) -> Desk:
    """Make the desk that serves a home, with the versions in service now.

    Parameters
    ----------
    home : Home
        Where the store, the key of the pseudonyms and the copies of versions are.
    source : Source
        Names and loads versions.
    clock : callable
        Returns the time now, UTC.
    """
    store = Store.open(home)
    store.make_room()  # before statements are made, which it would outdate
    key = home.pseudonym_key()
    turn = Lock()
    live = {subject: LiveFeatures(store, subject) for subject in RECORDS}
    warm = _Warming(live, clock)
    roster = Roster(RECORDS, _Warmed(source, warm), Copies(home.last_good, warm))
    roster.refresh()
    canary, shadow = Canary.from_environment(key), Shadow(store, turn)
    queues = {
        subject: Queue(Bench(features, roster, canary, shadow), key, turn, clock)
        for subject, features in live.items()
    }
    scorer = Scorer(store, queues, roster, shadow)
    return Desk(scorer, StoreIntake(store, key), Access(store.engine, clock), clock)


@dataclass(frozen=True)
class _Warming:
    """Scores an example as of now, stored nowhere: what is made once is made now."""

    live: Mapping[str, LiveFeatures]
    clock: Callable[[], datetime]

    def __call__(self, loaded: LoadedModel) -> None:
        subject = loaded.model.subject
        kind = RECORDS[subject]
        example = {**EXAMPLES[kind], kind_of(kind).group: f"rehearsal-{uuid4()}"}
        records = list(check_mappings(kind, [example], self.clock()).accepted.values())
        store = self.live[subject].store
        store.prepare(subject)
        assess(loaded.model, self.live[subject].columns(records))
        store.rehearse(kind, records)


@dataclass(frozen=True)
class _Warmed:
    """A source whose versions have scored before they are given."""

    source: Source
    warm: Callable[[LoadedModel], object]

    def aliases(self, subject: str) -> Mapping[str, str]:
        return self.source.aliases(subject)

    def load(self, subject: str, version: str) -> LoadedModel:
        loaded = self.source.load(subject, version)
        self.warm(loaded)
        return loaded
