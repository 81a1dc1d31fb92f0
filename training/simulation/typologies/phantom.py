"""Shipments that exist on paper only: no goods, full payment, money that comes round again.

Phantom shipments and circular payments: FATF, *Trade Based Money Laundering* (June 2006); APG,
*Typology Report on Trade Based Money Laundering* (July 2012). The accounts used for it: FATF,
*Professional Money Laundering* (July 2018).
"""

from typing import Final

from training.simulation.typologies.traits import Cover, Journey, Money, Typology

PHANTOM_SHIPMENTS: Final = Typology(
    "phantom shipments",
    "critical",
    8,
    cover=Cover(
        share=0.003,
        groups=("metals", "electrical goods", "plastics", "instruments"),
        origins="CN 30 TR 20 IN 15 US 10 UA 15 GB 10",
        departures="AE 40 HK 30 TR 20 CH 10",
        price_shift=0.35,
        mass_shift=-0.3,
        every_item=0.9,
    ),
    journey=Journey(lost=0.4, missing=0.9),
    money=Money(third_party=0.4, cycles=0.15, structured=0.2, circular=0.6),
)
