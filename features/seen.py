"""Which loose facts a record asked about sees: facts that were replaced, or came in parts.

They are looked at one by one (:mod:`features.facts`), and are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["asked_by", "loose", "marks", "seen"]

Expression = Any  # ibis publishes no types


def loose(facts: Expression) -> Expression:
    """Give the facts that do not stay, or came in parts."""
    return facts.filter(facts.until.notnull())


def asked_by(asked: Expression, keys: Sequence[str], columns: Sequence[str]) -> Expression:
    """Give the rows asked about that name the keys, which their own columns may call otherwise."""
    named = asked.filter(*(asked[column].notnull() for column in columns))
    return named.mutate(**{key: named[column] for key, column in zip(keys, columns, strict=True)})


def marks(asked: Expression, keys: Sequence[str]) -> Expression:
    """Mark what was asked about, each once: keys, ``asked_at``, ``asked_day``, ``asked_owner``."""
    return asked.select(
        *keys, asked_at=asked.known_at, asked_day=asked.day, asked_owner=asked.owner
    ).distinct()


def seen(marked: Expression, facts: Expression, keys: Sequence[str], own: str | None) -> Expression:
    """Lay beside each mark the loose facts it sees: those of its keys, but for its own.

    Parameters
    ----------
    own : the facts' column that says whose they are, where marks may have facts of their own.
    """
    held = loose(facts)
    others = [] if own is None else [held[own] != marked.asked_owner]
    # The day is no condition of the join: an index by key and ``until`` finds the few.
    return marked.inner_join(
        held,
        [
            *(marked[key] == held[key] for key in keys),
            held.until >= marked.asked_at,
            held.known_at < marked.asked_at,
            *others,
        ],
        rname="fact_{name}",
    )
