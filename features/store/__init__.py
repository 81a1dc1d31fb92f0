"""SQLite or PostgreSQL: records in versions, facts, daily tiles, pairs, scores, keys."""

from features.store.intake import Taken
from features.store.scorekeeping import Pair
from features.store.store import Store
from features.store.versions import Version

__all__ = ["Pair", "Store", "Taken", "Version"]
