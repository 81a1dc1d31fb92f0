"""Record linkage: which identifiers are one party, from names, addresses and numbers."""

from features.linkage.linking import Linked, link
from features.linkage.matching import Matching

__all__ = ["Linked", "Matching", "link"]
