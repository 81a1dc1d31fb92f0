"""Put the parts of the service together for one home.

Invariant: importing `serving.service` costs little, because everything heavy is imported here only.
"""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Lock

from features.catalog import RECORDS
from features.home import Home
from features.online import LiveFeatures
from features.records import check_mappings
from features.store import Store
from models.registry import LoadedModel
from serving.access import Access
from serving.app import Desk, utc_now
from serving.champion import Champion
from serving.examples import EXAMPLES
from serving.intake import StoreIntake
from serving.scorer import Bench, Scorer, assess_live

Load = Callable[[str], LoadedModel]


def assemble(home: Home, load: Load, clock: Callable[[], datetime] = utc_now) -> Desk:
    """Make the desk that serves a home.

    Parameters
    ----------
    home : Home
        Where the store and the key of the pseudonyms are.
    load : callable
        Loads the champion of a subject, or raises whatever prevents that.
    clock : callable
        Returns the time now, UTC.
    """
    store = Store.open(home)
    key = home.pseudonym_key()
    turn = Lock()

    def bench(subject: str) -> Bench:
        features = LiveFeatures(store, subject)
        champion = Champion(subject, partial(_warmed, load, features), time.monotonic)
        return Bench(features, champion, key, turn)

    scorer = Scorer(store, {subject: bench(subject) for subject in RECORDS})
    return Desk(scorer, StoreIntake(store, key), Access(store.engine, clock), clock)


def _warmed(load: Load, features: LiveFeatures) -> LoadedModel:
    """Load a champion and score an example, stored nowhere: what is compiled is compiled now."""
    subject = features.features.subject
    kind = RECORDS[subject]
    loaded = load(subject)
    assess_live(loaded, features, list(check_mappings(kind, [EXAMPLES[kind]]).accepted.values()))
    return loaded
