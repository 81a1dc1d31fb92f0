"""Put the parts of the service together for one home.

Invariant: importing `serving.service` costs little, because everything heavy is imported here only.
"""

import time
from collections.abc import Callable

from features.home import Home
from features.online import LiveFeatures
from features.records import check_rows
from features.store import Store
from models.assessment import assess
from models.registry import LoadedModel
from serving.access import Access
from serving.app import Desk, utc_now
from serving.champion import Champion
from serving.examples import EXAMPLES
from serving.intake import StoreIntake
from serving.scorer import SUBJECT, Scorer


def assemble(home: Home, load: Callable[[], LoadedModel]) -> Desk:
    """Make the desk that serves a home.

    Parameters
    ----------
    home : Home
        Where the store and the key of the pseudonyms are.
    load : callable
        Loads the champion.
    """
    store = Store.open(home)
    key = home.pseudonym_key()
    features = LiveFeatures(store, SUBJECT)
    champion = Champion(lambda: _warmed(load(), features), time.monotonic)
    scorer = Scorer(store, champion, features, key)
    return Desk(scorer, StoreIntake(store, key), Access(store.engine, utc_now), utc_now)


def _warmed(loaded: LoadedModel, features: LiveFeatures) -> LoadedModel:
    """Score an example, stored nowhere: statements are compiled before the first question."""
    example = check_rows("declarations", [EXAMPLES["declarations"]]).accepted
    assess(loaded.model, features.table(example))
    return loaded
