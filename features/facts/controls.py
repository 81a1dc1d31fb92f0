"""What controls found, laid beside the facts of what they looked at."""

from __future__ import annotations

from typing import Any

import ibis

from features.facts.fact import FOREVER, INSTANTS, dated, day_of, held

__all__ = ["controls"]

Expression = Any  # ibis publishes no types


def controls(
    inspections: Expression, subject: str, looked_at: Expression, group: str
) -> Expression:
    """Join a subject's inspections to the facts they looked at, while both versions held.

    A control is known when both it and what it looked at are, and is seen until either is replaced.

    Parameters
    ----------
    looked_at : facts, whose column ``group`` an inspection names; with an item number where an
        inspection may name one item only. Elsewhere an item number says nothing.
    """
    found = held(inspections)
    found = found.filter(found.subject == subject)
    seen = looked_at.rename("of_{name}")
    same = found.subject_id == seen[f"of_{group}"]
    if "item_number" in looked_at.columns:
        same &= found.item_number.isnull() | (found.item_number == seen.of_item_number)
    joined = found.join(seen, same)
    known_at = ibis.greatest(joined.known_at, joined.of_known_at)
    ends = ibis.least(
        ibis.coalesce(joined.superseded_at, FOREVER), ibis.coalesce(joined.of_until, FOREVER)
    )
    facts = joined.select(
        "inspection_id",
        **{name: joined[f"of_{name}"] for name in looked_at.columns if name not in INSTANTS},
        known_at=known_at,
        day=day_of(known_at),
        ends=ends.nullif(FOREVER),
        is_loose=joined.of_until.notnull(),
        is_offence=joined.result == "offence",
    )
    lasting = facts.filter(facts.ends.isnull() | (facts.known_at < facts.ends))
    return dated(lasting, "inspection_id")
