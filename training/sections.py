"""A part of an account: words, tables and pictures under a title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.rows import Table

__all__ = ["Section", "flowing"]


@dataclass(frozen=True)
class Section:
    """A part of an account; pictures are named as `evaluation_plots` names them."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the section as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Section:
        """Read what `to_json` wrote."""
        tables = (
            Table(one["caption"], tuple(one["header"]), tuple(map(tuple, one["rows"])))
            for one in plain["tables"]
        )
        words = (tuple(plain["paragraphs"]), tuple(tables), tuple(plain["pictures"]))
        return cls(plain["title"], *words)


def flowing(text: str) -> str:
    """Let words flow that were written in lines."""
    return " ".join(text.split())
