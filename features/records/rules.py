"""Rules between the fields of one record; each holds where all its fields are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Rule"]


@dataclass(frozen=True)
class Rule:
    """A rule that a record may break.

    Parameters
    ----------
    field, code, detail : str
        As a rejection names them: the field at fault, a stable code, what was expected.
    broken : callable
        From a checked record to whether it breaks the rule; a missing value, None, breaks none.
    """

    field: str
    code: str
    detail: str
    broken: Callable[[Mapping[str, Any]], bool]
