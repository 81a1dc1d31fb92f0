"""Events laid beside the declaration they name, as it was known when both were known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from features.facts.fact import day_of, held

__all__ = ["PARTIES", "beside_declaration"]

Expression = Any  # ibis publishes no types

# What an event takes from its declaration.
PARTIES = {
    "importer_id": "string",
    "exporter_id": "string",
    "carrier_id": "string",
    "declarant_id": "string",
}


def beside_declaration(
    events: Expression, declarations: Expression, names: Sequence[str]
) -> Expression:
    """Give events the parties and the value of the declaration they name.

    An event counts from when both it and its declaration were first known, and keeps what the
    declaration said then, whatever was amended later: the value of all the items it had, and where
    they name different parties or currencies, the last in alphabetical order. Without a
    declaration, or with one that was withdrawn then, it is nobody's.

    Parameters
    ----------
    events : versions with ``declaration_id``, ``known_at`` and ``superseded_at``.
    names : the columns that tell events apart; with ``known_at``, versions of them.

    Returns
    -------
    relation
        The events with ``PARTIES``, ``declared_value`` and ``declared_currency``; ``ends`` is when
        they were replaced.
    """
    named = declarations.filter(declarations.declaration_id.notnull())
    named = named.semi_join(events, "declaration_id")
    first = named.group_by("declaration_id").aggregate(filed_at=named.known_at.min())
    both = events.inner_join(first, "declaration_id")
    both = both.mutate(both_at=ibis.greatest(both.known_at, both.filed_at))
    goods = held(named).select(
        *PARTIES,
        of_declaration=named.declaration_id,
        of_known_at=named.known_at,
        of_ends=named.superseded_at,
        of_value=named.customs_value,
        of_currency=named.currency,
    )
    then = both.select(*names, "known_at", "declaration_id", "both_at").inner_join(
        goods,
        [
            both.declaration_id == goods.of_declaration,
            goods.of_known_at <= both.both_at,
            goods.of_ends.isnull() | (goods.of_ends > both.both_at),
        ],
    )
    head = then.group_by(*names, "known_at").aggregate(
        **{name: then[name].max() for name in PARTIES},
        declared_value=then.of_value.sum(),
        declared_currency=then.of_currency.max(),
    )
    joined = both.drop(*(set(PARTIES) & set(both.columns))).inner_join(head, [*names, "known_at"])
    facts = joined.mutate(
        known_at=joined.both_at,
        day=day_of(joined.both_at),
        ends=joined.superseded_at,
        is_loose=False,
    )
    return facts.filter(facts.ends.isnull() | (facts.known_at < facts.ends))
