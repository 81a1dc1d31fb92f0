"""How far a figure could be off by chance: percentile bootstrap by shipment.

Shipments are drawn again with replacement, with what each stands for, and the figure is taken of
every such draw (Efron, "Bootstrap methods: another look at the jackknife", 1979). Equal generators
give equal intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from training.metrics import Ranked, expected_calibration_error, headline

Floats = NDArray[np.float64]
Figures = dict[str, float]
Interval = tuple[float, float]

RESAMPLES = 1000
CALIBRATION_DRAWS = 200
LEVEL = 0.95


def resampled(size: int, random: np.random.Generator, times: int) -> Iterator[Floats]:
    """Draw how often each of `size` shipments occurs in a resample, shape (size,), many times."""
    for _ in range(times):
        drawn = random.integers(0, size, size)
        yield np.bincount(drawn, minlength=size).astype(np.float64)


def bootstrap(
    figures: Callable[[Floats], Figures],
    size: int,
    random: np.random.Generator,
    times: int = RESAMPLES,
) -> dict[str, Interval]:
    """Intervals of figures that are functions of how often each shipment counts.

    Parameters
    ----------
    figures : from counts of shape (size,) to figures by name, each a finite number.

    Returns
    -------
    The middle 95 % of each figure's resamples; of those that every resample defines.
    """
    draws = pd.DataFrame([figures(count) for count in resampled(size, random, times)])
    kept = draws.dropna(axis="columns")
    outside = (1 - LEVEL) / 2
    ends = kept.quantile([outside, 1 - outside])
    return {str(name): (float(ends[name].iloc[0]), float(ends[name].iloc[1])) for name in kept}


def headline_intervals(
    frame: pd.DataFrame, random: np.random.Generator, *, weighted: bool = False
) -> dict[str, Interval]:
    """Intervals of the headline metrics of ranked shipments, as `judged_shipments` gives them."""
    if not len(frame):
        return {}
    ranked = Ranked.of(frame, weighted=weighted)
    return bootstrap(lambda count: headline(ranked.times(count)), len(frame), random)


def calibration_by_chance(
    ranked: Ranked, random: np.random.Generator, times: int = CALIBRATION_DRAWS
) -> float:
    """Calibration error that risks which are exactly true stay below in 95 % of draws.

    Notes
    -----
    Outcomes are drawn from the risks themselves: consistency resampling (Broecker and Smith,
    "Increasing the reliability of reliability diagrams", 2007). An error above a bound plus this
    is above the bound beyond noise, for |gap| <= |true gap| + |noise| in every bin.
    """
    risk, weight = ranked.risk, ranked.weight
    drawn = (random.random(len(risk)) < risk for _ in range(times))
    errors = [expected_calibration_error(outcome, risk, weight) for outcome in drawn]
    return float(np.quantile(errors, LEVEL))


def proportion_interval(count: int, of: int) -> Interval:
    """Find the 95 % interval of a proportion (Wilson, 1927).

    Examples
    --------
    >>> low, high = proportion_interval(3, 10)
    >>> round(low, 3), round(high, 3)
    (0.108, 0.603)
    """
    interval = binomtest(count, of).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)
