"""Contraband tobacco: transit movements that never arrive, or arrive late and light.

Goods under suspension of duty that leave the procedure between two offices: European Parliament,
Committee of Inquiry into the Community Transit System, final report (1997). Seizures of tobacco and
their routes: WCO, *Illicit Trade Report 2019*; points of transit for illicit goods: OECD and EUIPO,
*Trends in Trade in Counterfeit and Pirated Goods* (2019).
"""

from typing import Final

from training.simulation.typologies.traits import Cover, Journey, Money, Typology

TOBACCO_IN_TRANSIT: Final = Typology(
    "tobacco in transit",
    "contraband",
    12,
    cover=Cover(
        share=0.005,
        groups=("furniture and toys", "wood and leather", "stone and glass", "plastics"),
        origins="UA 14 BY 12 RS 6 MD 6 TR 18 CN 44",
        price_shift=-0.2,
        mass_shift=-0.3,
        tare_shift=0.45,
    ),
    journey=Journey(lost=0.25, late=0.5, unloaded=0.3, seal_changed=0.2, hidden_kg=700.0),
    money=Money(third_party=0.15, cycles=0.1, structured=0.5),
)
