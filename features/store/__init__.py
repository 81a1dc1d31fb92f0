"""SQLite or PostgreSQL: records in versions, facts, daily tiles, pairs, scores, keys."""

from features.store.intake import Taken
from features.store.scorekeeping import LINKS, Pair
from features.store.store import Store
from features.store.turn import Turn
from features.store.versions import Version

__all__ = ["LINKS", "Pair", "Store", "Taken", "Turn", "Version"]
