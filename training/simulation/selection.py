"""Which shipments the simulated customs inspect: a risk profile of the time, and a random share.

Invariant: the rule sees only what is declared, what is registered, the reference prices every
customs office keeps, and what was found before; never the truth.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Bools, Floats, Ints
from training.simulation.draw import some
from training.simulation.groups import GROUPS
from training.simulation.items import Items
from training.simulation.lanes import Market
from training.simulation.places import country_weights
from training.simulation.trade import Declarations

RANDOM_SHARE: Final = 0.02
RULE_SHARE: Final = 0.07
SOFTNESS: Final = 0.55

ORIGIN_POINTS: Final = country_weights(
    "EC 1.1 CO 1.1 BR 0.6 PE 0.5 CR 0.3 CN 0.5 HK 0.8 TR 0.5 AE 0.8 UA 0.5 BY 0.8 MD 0.6 RS 0.3 "
    "PK 0.7 IN 0.2 VN 0.3 BD 0.2 PA 0.8 MA 0.7 NG 1.0"
)
_GROUP_POINTS: Final = {"fruit and vegetables": 0.4, "flowers": 0.4, "clothing": 0.6,
                        "footwear": 0.6, "electrical goods": 0.3, "tobacco": 1.2, "arms": 1.5,
                        "furniture and toys": 0.2, "precious metals": 0.4}  # fmt: skip
GROUP_POINTS: Final = np.array([_GROUP_POINTS.get(group.name, 0.0) for group in GROUPS])


@dataclass(frozen=True)
class Selection:
    """What the policy decided of each declaration of a week."""

    random: Bools  # chosen by lot, whatever the rule says
    rule: Bools
    probability: Floats  # of having been inspected at all, in (0, 1]

    @property
    def inspected(self) -> Bools:
        """Tell which declarations are inspected."""
        return self.random | self.rule


def risk_points(
    market: Market, filed: Declarations, items: Items, found: Ints, *, day: int
) -> Floats:
    """Score declarations as a risk profile does, `found` being earlier offences by importer."""
    low_price = 1.0 * (items.price_gap < -0.75) + 0.5 * (items.price_gap > 1.2)
    by_item = GROUP_POINTS[market.goods.group[items.good]] + ORIGIN_POINTS[items.origin] + low_price
    first = np.cumsum(filed.item_count) - filed.item_count
    age = day - market.traders.entry_day[filed.importer]
    return np.asarray(
        np.maximum.reduceat(by_item, first)
        + 0.5 * (filed.departure != filed.origin)
        + 0.6 * (age < 180)
        + 0.8 * np.log1p(found[filed.importer])
    )


def select(rng: np.random.Generator, points: Floats) -> Selection:
    """Choose from the scores of a week: some by lot, the riskiest by a rule that wavers.

    The rule takes a shipment with the probability that a logistic curve gives its points; the
    curve is placed so that the rule uses its capacity. Lot and rule are drawn independently, so
    the probability of an inspection is 1 - (1 - lot)(1 - rule), and it is logged.
    """
    size = len(points)
    felt = points + rng.normal(0, 0.4, size)
    rule = 1.0 / (1.0 + np.exp(-(felt - _threshold(felt)) / SOFTNESS))
    return Selection(
        random=some(rng, RANDOM_SHARE, size),
        rule=some(rng, rule, size),
        probability=1.0 - (1.0 - RANDOM_SHARE) * (1.0 - rule),
    )


def _threshold(points: Floats) -> float:
    """Find by halving where the curve must stand to take `RULE_SHARE` on average."""
    low, high = -20.0, 40.0
    for _ in range(40 if len(points) else 0):
        middle = (low + high) / 2
        share = float(np.mean(1.0 / (1.0 + np.exp(-(points - middle) / SOFTNESS))))
        low, high = (middle, high) if share > RULE_SHARE else (low, middle)
    return (low + high) / 2
