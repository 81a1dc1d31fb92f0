"""Cocaine in refrigerated containers of fruit, its seal changed on the way; precursor chemicals.

Cocaine by container from the Andean coast to North Sea ports: UNODC, *Global Report on Cocaine
2023*; containers opened on the way and in port: Europol, *Criminal Networks in EU Ports: Risks and
Challenges for Law Enforcement* (2023). Chemicals diverted from licit trade: INCB, *Precursors and
Chemicals Frequently Used in the Illicit Manufacture of Narcotic Drugs and Psychotropic Substances*
(report for 2022).
"""

from typing import Final

from training.simulation.typologies.traits import Cover, Journey, Money, Typology

DRUGS_IN_FRUIT: Final = Typology(
    "drugs in refrigerated fruit",
    "drugs",
    12,
    cover=Cover(
        share=0.005,
        groups=("fruit and vegetables", "flowers", "coffee and cereals"),
        origins="EC 45 CO 25 BR 14 CR 8 PE 8",
        mass_shift=-0.4,
        tare_shift=0.3,
    ),
    journey=Journey(seal_changed=0.6, late=0.15, hidden_kg=160.0),
    money=Money(third_party=0.2, cycles=0.15, structured=0.6),
)
SPLIT_PRECURSORS: Final = Typology(
    "split precursors",
    "drugs",
    6,
    fronts=(4, 8),
    cover=Cover(
        share=0.004,
        groups=("chemicals",),
        origins="CN 50 IN 30 TR 10 KR 10",
        price_shift=0.3,
        mass_shift=-0.8,
        tare_shift=0.25,
        every_item=0.2,
        split=True,
    ),
    journey=Journey(late=0.05),
    money=Money(third_party=0.3, cycles=0.08, structured=0.5),
)
