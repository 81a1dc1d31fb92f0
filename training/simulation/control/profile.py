"""The risk profile by which shipments are inspected.

Invariant: the rule sees only what is declared, what is registered, the reference prices every
customs office keeps, and what was found before; never the truth.
"""

from typing import Final

import numpy as np

from training.simulation.columns import Floats, Ints
from training.simulation.goods.groups import GROUPS
from training.simulation.places import country_weights
from training.simulation.trade.filing import Filing
from training.simulation.trade.lanes import Market

ORIGIN_POINTS: Final = country_weights(
    "EC 1.1 CO 1.1 BR 0.6 PE 0.5 CR 0.3 CN 0.5 HK 0.8 TR 0.5 AE 0.8 UA 0.5 BY 0.8 MD 0.6 RS 0.3 "
    "PK 0.7 IN 0.2 VN 0.3 BD 0.2 PA 0.8 MA 0.7 NG 1.0"
)
_GROUP_POINTS: Final = {"fruit and vegetables": 0.4, "flowers": 0.4, "clothing": 0.6,
                        "footwear": 0.6, "electrical goods": 0.3, "tobacco": 1.2, "arms": 1.5,
                        "furniture and toys": 0.2, "precious metals": 0.4}  # fmt: skip
GROUP_POINTS: Final = np.array([_GROUP_POINTS.get(group.name, 0.0) for group in GROUPS])


def shipment_points(market: Market, filing: Filing, found: Ints, *, day: int) -> Floats:
    """Score declarations as a risk profile does, `found` being earlier offences by importer."""
    filed, items = filing.declarations, filing.items
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
