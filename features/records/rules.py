"""Rules between the fields of one record; each holds where all its fields are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

__all__ = ["Rule"]


@dataclass(frozen=True)
class Rule:
    """A rule that a record may break.

    Parameters
    ----------
    field, code, detail : str
        As a rejection names them: the field at fault, a stable code, what was expected.
    broken : callable
        From checked records to whether each breaks the rule, bool; a missing value breaks none.
    """

    field: str
    code: str
    detail: str
    broken: Callable[[pd.DataFrame], pd.Series]
