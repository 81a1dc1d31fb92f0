"""Goods declared far below or above their price, the difference settled elsewhere.

Under- and over-invoicing are the first techniques named in FATF, *Trade Based Money Laundering*
(June 2006), and FATF and Egmont Group, *Trade-Based Money Laundering: Trends and Developments*
(December 2020); payments by third parties with no link to the trade: their *Trade-Based Money
Laundering: Risk Indicators* (March 2021). The scale of undervaluation: European Court of Auditors,
*Import procedures* (Special report 19/2017).
"""

from typing import Final

from training.simulation.typologies.traits import Cover, Money, Typology

UNDER_INVOICING: Final = Typology(
    "under-invoicing",
    "fraud",
    30,
    cover=Cover(
        share=0.010,
        groups=("clothing", "footwear", "electrical goods", "furniture and toys"),
        origins="CN 50 TR 15 BD 12 VN 10 HK 6 IN 7",
        price_shift=-0.8,
        every_item=0.6,
    ),
    money=Money(third_party=0.3, paid_shift=0.35, cycles=0.05, structured=0.3),
)
OVER_INVOICING: Final = Typology(
    "over-invoicing",
    "fraud",
    12,
    cover=Cover(
        share=0.004,
        groups=("electrical goods", "instruments", "machinery", "chemicals"),
        origins="CN 25 TR 15 IN 15 US 15 CH 10 TH 10 MY 10",
        departures="HK 30 AE 40 SG 15 TR 15",
        price_shift=0.8,
        every_item=0.5,
    ),
    money=Money(third_party=0.45, cycles=0.12, structured=0.3, circular=0.45),
)
