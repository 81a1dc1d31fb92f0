"""What hidden offenders do: one row a way of smuggling or cheating.

Invariant: every number is the mean of something noisy, so that no single feature settles a case.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Floats

OFFENCES: Final = ("weapons", "drugs", "people", "contraband", "fraud", "critical")
HONEST: Final = -1


@dataclass(frozen=True)
class Scheme:
    """A way to offend: where it hides, and how it bends what is declared.

    Parameters
    ----------
    share
        Of all declarations, the share this scheme is filed in.
    organisations
        Organisations at scale 1.
    groups
        Names of the groups of goods it hides among.
    origins, departures
        Country weights as text; no departures means the origin, mostly.
    price_shift, mass_shift, tare_shift
        Added to the log of value a kg, of net mass, and of the gross-to-net surplus.
    noise
        Standard deviation of each of these shifts.
    misdeclared
        The goods are declared as a low-duty neighbour of what they are.
    every_item
        Chance that each further item of the declaration is part of it too.
    """

    name: str
    offence: str
    share: float
    organisations: int
    groups: tuple[str, ...]
    origins: str
    departures: str = ""
    price_shift: float = 0.0
    mass_shift: float = 0.0
    tare_shift: float = 0.0
    noise: float = 0.35
    misdeclared: bool = False
    every_item: float = 0.0

    @property
    def offence_code(self) -> int:
        """The position of the offence in `OFFENCES`."""
        return OFFENCES.index(self.offence)


SCHEMES: Final = (
    Scheme("undervaluation", "fraud", 0.014, 30,
           ("clothing", "footwear", "electrical goods", "furniture and toys"),
           "CN 50 TR 15 BD 12 VN 10 HK 6 IN 7", price_shift=-0.95, every_item=0.6),
    Scheme("misclassification", "fraud", 0.009, 20,
           ("prepared food", "textiles", "clothing", "plastics", "chemicals"),
           "CN 40 TR 20 IN 15 TH 10 US 8 UA 7", mass_shift=0.2, misdeclared=True, every_item=0.3),
    Scheme("refrigerated corridor", "drugs", 0.006, 12,
           ("fruit and vegetables", "flowers", "coffee and cereals"),
           "EC 45 CO 25 BR 14 CR 8 PE 8", mass_shift=-0.45, tare_shift=0.35),
    Scheme("machine parts through a hub", "weapons", 0.003, 8,
           ("machinery", "metals", "vehicles"),
           "US 25 TR 25 RS 15 CN 20 UA 15", "AE 45 SG 15 TR 20 PA 10 HK 10",
           mass_shift=0.3, tare_shift=0.75),
    Scheme("tobacco behind a cover load", "contraband", 0.005, 12,
           ("furniture and toys", "wood and leather", "stone and glass", "plastics"),
           "UA 28 BY 22 RS 12 MD 10 TR 12 CN 16", price_shift=-0.25, mass_shift=-0.35,
           tare_shift=0.55),
    Scheme("laundered origin", "critical", 0.004, 8,
           ("electrical goods", "metals", "vehicles", "furniture and toys"),
           "MY 30 TH 25 VN 20 TW 10 KR 15", "CN 75 HK 25",
           price_shift=-0.4, mass_shift=0.45, every_item=0.7),
)  # fmt: skip


def of_scheme(name: str) -> Floats:
    """Return a number of each scheme as an array, with a last zero that -1 (honest) picks."""
    return np.array([float(getattr(scheme, name)) for scheme in SCHEMES] + [0.0])
