"""Reasons why rows are not accepted, and what of them may be repeated."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WITHHELD", "Rejection"]

WITHHELD = "(withheld)"


@dataclass(frozen=True)
class Rejection:
    """One reason why one row was not accepted.

    Parameters
    ----------
    index : int
        Position of the row among those checked, from 0.
    id : str or None
        Its identifier, where it has one.
    field, code, detail : str
        What is wrong: the field, a stable code, and a sentence for a person.
    value : object
        What came.
    sealed : bool
        Whether what came may be told to nobody but who keeps the rejected rows.
    """

    index: int
    id: str | None
    field: str
    code: str
    detail: str
    value: object = None
    sealed: bool = False

    @property
    def told(self) -> object:
        """What came, as an answer or a message may repeat it."""
        return WITHHELD if self.sealed else self.value
