"""Whether there are labels enough to claim a figure, and the words for it when there are not.

Below twenty of either outcome the percentile bootstrap covers the truth less often than it says.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.examples import FOUND

LEAST_OF_EACH = 20


def is_enough(outcome: NDArray[np.bool_]) -> bool:
    """Whether both outcomes occur often enough, shape (n,).

    Examples
    --------
    >>> is_enough(np.arange(100) < 20), is_enough(np.arange(100) < 19)
    (True, False)
    """
    offences = int(outcome.sum())
    return min(offences, len(outcome) - offences) >= LEAST_OF_EACH


def effective_size(weight: NDArray[np.float64]) -> float:
    """Equally weighted shipments that would tell as much (Kish, "Survey Sampling", 1965).

    Examples
    --------
    >>> effective_size(np.ones(8)), effective_size(np.array([7.0, 1.0]))
    (8.0, 1.28)
    """
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def shortage(what: str, outcome: NDArray[np.bool_]) -> str | None:
    """Say that labels are too few for a claim and how many there are; None when there are enough.

    Examples
    --------
    >>> shortage("The random stratum", np.array([True, False, False]))
    'The random stratum: 1 offence among 3 inspected is too few for a claim (20 of each outcome \
are needed); its figures are indications.'
    """
    if is_enough(outcome):
        return None
    offences = int(outcome.sum())
    return (
        f"{what}: {offences} offence{'' if offences == 1 else 's'} among {len(outcome)} inspected "
        f"is too few for a claim ({LEAST_OF_EACH} of each outcome are needed); "
        "its figures are indications."
    )


def shortages(frame: pd.DataFrame) -> tuple[str, ...]:
    """Say for what ranked shipments, as `judged_shipments` gives them, are too few."""
    outcome = frame["outcome"].to_numpy(dtype=bool)
    drawn = frame["random"].to_numpy(dtype=bool)
    parts = {"All inspected shipments": outcome}
    if drawn.any():
        parts["The random stratum"] = outcome[drawn]
    for name in (str(column) for column in frame if str(column).startswith(FOUND)):
        parts[f"The offence {name.removeprefix(FOUND)}"] = frame[name].to_numpy(dtype=bool)
    told = [shortage(what, part) for what, part in parts.items()]
    return tuple(sentence for sentence in told if sentence is not None)
