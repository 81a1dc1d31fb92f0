"""Which loose facts a record asked about sees: facts that were replaced, or came in parts.

They are looked at one by one (:mod:`features.facts`), and are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["loose", "marks", "seen"]

Expression = Any  # ibis publishes no types


def loose(facts: Expression) -> Expression:
    """Give the facts that do not stay, or came in parts."""
    return facts.filter(facts.until.notnull())


def marks(asked: Expression, keys: Sequence[str], own: str) -> Expression:
    """Mark what was asked about, each once: keys, ``asked_at``, ``asked_day``, ``asked_own``."""
    return asked.select(
        *keys, asked_at=asked.known_at, asked_day=asked.day, asked_own=asked[own]
    ).distinct()


def seen(marked: Expression, facts: Expression, keys: Sequence[str], own: str) -> Expression:
    """Lay beside each mark the loose facts it sees: those of its keys, but for its own."""
    held = loose(facts)
    # The day is no condition of the join: an index by key and ``until`` finds the few.
    return marked.inner_join(
        held,
        [
            *(marked[key] == held[key] for key in keys),
            held.until >= marked.asked_at,
            held.known_at < marked.asked_at,
            held[own] != marked.asked_own,
        ],
        rname="fact_{name}",
    )
