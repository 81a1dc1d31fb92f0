"""Components: the parts of measures that tiles keep, each an aggregate and the way two merge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ibis

__all__ = ["Aggregate", "Component"]

Expression = Any  # ibis publishes no types
Aggregate = Callable[[Expression, Expression | None], Expression]


@dataclass(frozen=True)
class Component:
    """An aggregate over facts that share a key and an instant, and how two such merge.

    Parameters
    ----------
    name : str
        Column of the tiles; two measures that name the same component share it.
    merge : str
        ``sum``, ``min`` or ``max``.
    type : str
        ``int64`` or ``float64``.
    of : callable
        From the relation of facts, and which of them to look at or None, to the aggregate.
    counts_rows : bool
        Whether a row counts whatever it holds; otherwise one without values adds nothing.
    """

    name: str
    merge: str
    type: str
    of: Aggregate = field(compare=False)
    counts_rows: bool = False

    def merged(self, column: Expression, where: Expression | None = None) -> Expression:
        """Aggregate a column of this component's values."""
        return getattr(column, self.merge)(where=where)

    def joined(self, left: Expression, right: Expression) -> Expression:
        """Merge two values, either of which may be missing."""
        if self.merge == "sum":
            return ibis.ifelse(left.isnull(), right, left + ibis.coalesce(right, 0))
        pick = ibis.least if self.merge == "min" else ibis.greatest
        return pick(ibis.coalesce(left, right), ibis.coalesce(right, left))
