"""Whether there are labels enough to claim a figure, and the words for it when there are not.

Below some twenty of either outcome the percentile bootstrap covers the truth less often than it
says; below some ten it is no guide at all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.examples import FOUND

LEAST_OF_EACH = 20
LEAST_TO_JUDGE = 10


def is_enough(outcome: NDArray[np.bool_], least: int = LEAST_OF_EACH) -> bool:
    """Whether both outcomes occur often enough, shape (n,).

    Examples
    --------
    >>> is_enough(np.arange(100) < 20), is_enough(np.arange(100) < 19)
    (True, False)
    """
    offences = int(outcome.sum())
    return min(offences, len(outcome) - offences) >= least


def effective_size(weight: NDArray[np.float64]) -> float:
    """Equally weighted shipments that would tell as much (Kish, "Survey Sampling", 1965).

    Examples
    --------
    >>> effective_size(np.ones(8)), effective_size(np.array([7.0, 1.0]))
    (8.0, 1.28)
    """
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def shortage(frame: pd.DataFrame) -> str | None:
    """Say of what there is too little for a claim, and how much there is; None of nothing.

    Parameters
    ----------
    frame : ranked shipments, as `judged_shipments` gives them: as a whole, those drawn at random,
        and by offence.
    """
    outcome = frame["outcome"].to_numpy(dtype=bool)
    drawn = frame["random"].to_numpy(dtype=bool)
    parts = {"all that were inspected": outcome}
    if drawn.any():
        parts["those drawn at random"] = outcome[drawn]
    for name in (str(column) for column in frame if str(column).startswith(FOUND)):
        parts[name.removeprefix(FOUND)] = frame[name].to_numpy(dtype=bool)
    few = [f"{what} ({counted(part)})" for what, part in parts.items() if not is_enough(part)]
    if not few:
        return None
    return (
        f"Too few for a claim, which needs {LEAST_OF_EACH} of each outcome: {', '.join(few)}. "
        "Their figures are indications."
    )


def counted(outcome: NDArray[np.bool_]) -> str:
    """Count outcomes in words.

    Examples
    --------
    >>> counted(np.array([True, False, False]))
    '1 offence among 3'
    """
    offences = int(outcome.sum())
    return f"{offences} offence{'' if offences == 1 else 's'} among {len(outcome)}"
