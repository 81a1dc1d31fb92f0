"""Facts: the relations that profiles count over, one module a family of records."""

from features.facts.border import PASSAGES, SEARCHES
from features.facts.customs import CONTROLS, ITEMS
from features.facts.fact import DAY_US, FOREVER, Facts
from features.facts.kinship import ALIASES
from features.facts.money import SETTLEMENTS, TRANSFERS
from features.facts.subjects import SUBJECTS, Subject
from features.facts.transit import EVENTS, TRANSITS

__all__ = ["DAY_US", "FACTS", "FOREVER", "SOURCES", "SUBJECTS", "Facts", "Subject"]

FACTS = {
    facts.name: facts
    for facts in (
        ITEMS,
        CONTROLS,
        PASSAGES,
        SEARCHES,
        EVENTS,
        TRANSITS,
        TRANSFERS,
        SETTLEMENTS,
        ALIASES,
    )
}

# The kinds of record that facts are made from.
SOURCES = tuple(dict.fromkeys(kind for facts in FACTS.values() for kind in facts.kinds))
