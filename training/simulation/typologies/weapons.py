"""Weapons hidden as machine parts, sent through a transshipment hub, too heavy for what they are.

Firearms, parts and components trafficked within declared cargo: UNODC, *Global Study on Firearms
Trafficking 2020*; seizures by customs and where they were hidden: WCO, *Illicit Trade Report 2019*;
hubs and free trade zones through which illicit goods pass: OECD, *Illicit Trade: Converging
Criminal Networks* (2016).
"""

from typing import Final

from training.simulation.typologies.traits import Cover, Journey, Money, Typology

WEAPONS_AS_PARTS: Final = Typology(
    "weapons as machine parts",
    "weapons",
    8,
    cover=Cover(
        share=0.004,
        groups=("machinery", "metals", "vehicles"),
        origins="US 30 TR 15 RS 8 CN 35 UA 12",
        departures="AE 48 SG 12 TR 20 PA 8 HK 12",
        mass_shift=0.3,
        tare_shift=0.7,
    ),
    journey=Journey(hidden_kg=420.0, seal_changed=0.12, late=0.1),
    money=Money(third_party=0.35, cycles=0.08, structured=0.35),
)
