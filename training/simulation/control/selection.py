"""Which subjects are inspected: by a rule over a profile's points, and by lot.

Invariant: the logged probability is the probability.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Floats
from training.simulation.draw import some


@dataclass(frozen=True)
class Shares:
    """What a policy takes: by lot, by its rule, and how softly the rule's threshold stands."""

    random: float
    rule: float
    softness: float


IN_TRADE: Final = Shares(random=0.02, rule=0.07, softness=0.55)
NOTHING: Final = Shares(random=0.0, rule=0.0, softness=0.55)


@dataclass(frozen=True)
class Selection:
    """What the policy decided of each declaration, or crossing, of a week."""

    random: Bools  # chosen by lot, whatever the rule says
    rule: Bools
    probability: Floats  # of having been inspected at all, in (0, 1]

    @property
    def inspected(self) -> Bools:
        """Tell which are inspected."""
        return self.random | self.rule


def select(rng: np.random.Generator, points: Floats, shares: Shares) -> Selection:
    """Choose from the scores of a week: some by lot, the riskiest by a rule that wavers.

    The rule takes a subject with the probability that a logistic curve gives its points; the
    curve is placed so that the rule uses its capacity. Lot and rule are drawn independently, so
    the probability of an inspection is 1 - (1 - lot)(1 - rule), and it is logged.
    """
    size = len(points)
    felt = points + rng.normal(0, 0.4, size)
    rule = _curve(felt - _threshold(felt, shares), shares)
    return Selection(
        random=some(rng, shares.random, size),
        rule=some(rng, rule, size),
        probability=1.0 - (1.0 - shares.random) * (1.0 - rule),
    )


def _curve(points: Floats, shares: Shares) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-points / shares.softness)))


def _threshold(points: Floats, shares: Shares) -> float:
    """Find by halving where the curve must stand to take the rule's share on average."""
    low, high = -20.0, 40.0
    for _ in range(40 if len(points) else 0):
        middle = (low + high) / 2
        above = float(np.mean(_curve(points - middle, shares))) > shares.rule
        low, high = (middle, high) if above else (low, middle)
    return (low + high) / 2
