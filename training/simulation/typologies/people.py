"""Persons smuggled in overloaded vans, and persons trafficked by an escort whom one payer serves.

Vans far beyond their seats, rented vehicles, cars that drive ahead to look out for controls, and
drivers who turn back at once: Frontex, *Strategic Risk Analysis 2022*; UNODC, *Global Study on
Smuggling of Migrants 2018*. Trafficked persons travel openly, accompanied, their journeys paid by
one person: UNODC, *Global Report on Trafficking in Persons 2020*; FATF and APG, *Financial Flows
from Human Trafficking* (July 2018). The fees: FATF, *Money Laundering and Terrorist Financing Risks
Arising from Migrant Smuggling* (March 2022).
"""

from typing import Final

from training.simulation.typologies.traits import Border, Money, Typology

PEOPLE_SMUGGLED: Final = Typology(
    "people smuggled",
    "people",
    36,
    fronts=(0, 0),
    border=Border(
        runs=0.0085,
        night=0.6,
        forerunner=0.65,
        rented=0.35,
        by_lorry=0.4,
        turns_round=0.6,
        visible=0.45,
    ),
    money=Money(cycles=0.06, structured=0.3),
)
PEOPLE_TRAFFICKED: Final = Typology(
    "people trafficked",
    "people",
    20,
    fronts=(0, 0),
    border=Border(escorts=0.0035, night=0.3, turns_round=0.75),
    money=Money(cycles=0.03, structured=0.4),
)
