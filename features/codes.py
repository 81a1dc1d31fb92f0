"""Texts as dense numbers, so that an engine groups, orders and joins integers.

One numbering serves all relations given together: equal numbers are equal texts, missing stays
missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import ibis

__all__ = ["coded", "numbering"]

Expression = Any  # ibis publishes no types


def numbering(columns: Iterable[Expression]) -> Expression:
    """Give the distinct values of columns, together, a number each: ``text``, ``code``.

    Examples
    --------
    >>> calls = ibis.table({"port": "string"}, name="calls")
    >>> numbering([calls.port]).columns
    ('text', 'code')
    """
    texts = reduce(ibis.union, (column.name("text").as_table() for column in columns))
    distinct = texts.filter(texts["text"].notnull()).distinct()
    return distinct.mutate(code=ibis.row_number().cast("int32"))


def coded(relation: Expression, numberings: Mapping[str, Expression]) -> Expression:
    """Give a relation with numbers for texts in the columns that have a numbering each."""
    joined = relation
    for column, numbers in numberings.items():
        named = numbers.select(
            **{f"text_{column}": numbers["text"], f"code_{column}": numbers.code}
        )
        joined = joined.left_join(named, joined[column] == named[f"text_{column}"])
    return joined.select(
        **{
            name: joined[f"code_{name}"] if name in numberings else joined[name]
            for name in relation.columns
        }
    )
