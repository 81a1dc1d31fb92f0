"""Duty evaded by a false heading or a false origin.

False classification and false origin as the main ways to evade customs duty: European Court of
Auditors, *Import procedures: shortcomings in the legal framework and an ineffective implementation
impact the financial interests of the EU* (Special report 19/2017); goods sent round through a third
country to evade anti-dumping duty: OLAF, *The OLAF report 2019*.
"""

from typing import Final

from training.simulation.typologies.traits import Cover, Money, Typology

FALSE_HEADING: Final = Typology(
    "false heading",
    "fraud",
    20,
    cover=Cover(
        share=0.007,
        groups=("prepared food", "textiles", "clothing", "plastics", "chemicals"),
        origins="CN 40 TR 20 IN 15 TH 10 US 8 UA 7",
        mass_shift=0.2,
        misdeclared=True,
        every_item=0.3,
    ),
    money=Money(paid_shift=0.1, third_party=0.08),
)
LAUNDERED_ORIGIN: Final = Typology(
    "laundered origin",
    "critical",
    8,
    cover=Cover(
        share=0.003,
        groups=("electrical goods", "metals", "vehicles", "furniture and toys"),
        origins="MY 30 TH 25 VN 20 TW 10 KR 15",
        departures="CN 75 HK 25",
        price_shift=-0.4,
        mass_shift=0.45,
        every_item=0.7,
    ),
    money=Money(third_party=0.15, paid_shift=0.1),
)
