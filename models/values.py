"""Feature tables, and a feature's value as answers, files and stored models hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# A frame, or an array a column, which few rows take less time in.
Table = pd.DataFrame | Mapping[str, NDArray[Any]]
Value = float | str | None
# Made once: a score of few records asks some thousand times.
_NUMBERS = (float, int, np.number)


def plain_value(value: object) -> Value:
    """Give a feature's value as JSON can hold it: a missing one is None.

    Examples
    --------
    >>> plain_value(float("nan")) is None, plain_value(np.float64(2)), plain_value("KR")
    (True, 2.0, 'KR')
    """
    if isinstance(value, str):
        return value
    plain = float(value) if isinstance(value, _NUMBERS) else math.nan
    return plain if math.isfinite(plain) else None
