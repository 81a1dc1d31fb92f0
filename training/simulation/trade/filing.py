"""Declarations with their items, kept together while they wait to become known.

Invariant: the items of a declaration follow one another, in the order of the declarations.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from training.simulation.columns import Bools, Ints
from training.simulation.trade.declarations import Declarations
from training.simulation.trade.items import Items


@dataclass(frozen=True)
class Filing:
    """Declarations, and the items whose `declaration` is a row of them."""

    declarations: Declarations
    items: Items

    def __len__(self) -> int:
        return len(self.declarations)

    def take(self, rows: Ints | Bools) -> Self:
        """Return these declarations with all their items, in this order."""
        chosen = self.declarations.take(rows)
        first = np.cumsum(self.declarations.item_count) - self.declarations.item_count
        owner = np.repeat(np.arange(len(chosen)), chosen.item_count)
        place = np.arange(len(owner)) - (np.cumsum(chosen.item_count) - chosen.item_count)[owner]
        items = self.items.take(first[rows][owner] + place)
        return replace(self, declarations=chosen, items=replace(items, declaration=owner))

    @classmethod
    def stack(cls, parts: list[Self]) -> Self:
        """Return the declarations of all parts, in order."""
        starts = np.cumsum([0, *(len(part) for part in parts)])
        items = [
            replace(part.items, declaration=part.items.declaration + start)
            for part, start in zip(parts, starts[:-1], strict=True)
        ]
        declarations = Declarations.stack([part.declarations for part in parts])
        return cls(declarations, Items.stack(items))

    def due(self, until_us: int) -> tuple[Self, Self]:
        """Part what is known before `until_us`, in the order it is known, from the rest."""
        known = np.flatnonzero(self.declarations.known_us < until_us)
        order = np.argsort(self.declarations.known_us[known], kind="stable")
        return self.take(known[order]), self.take(self.declarations.known_us >= until_us)
