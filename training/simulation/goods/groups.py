"""The groups of goods of the simulated world, and where each comes from.

Invariant: chapters of the Harmonised System are covered once, in order.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Floats
from training.simulation.places import country_weights


@dataclass(frozen=True)
class Group:
    """Goods that trade alike: typical euros and kilograms of an item, duty, air share, origins."""

    name: str
    chapters: tuple[int, int]
    share: float
    euros_per_kg: float
    item_mass_kg: float
    duty_pct: float
    air_share: float
    origins: str


GROUPS: Final = (
    Group("meat and fish", (1, 5), 3, 5.0, 8e3, 9, 0.05,
          "NO 20 CN 12 EC 8 VN 9 BR 14 TH 7 NZ 9 AR 8 IN 6 MA 7"),
    Group("flowers", (6, 6), 1.5, 4.5, 900, 8, 0.6, "KE 35 EC 20 CO 20 ET 15 ZA 5 CN 5"),
    Group("fruit and vegetables", (7, 8), 7, 1.3, 18e3, 10, 0.03,
          "EC 20 CO 14 CR 13 BR 10 PE 10 ZA 10 MA 10 EG 6 TR 6 CL 6 CI 2"),
    Group("coffee and cereals", (9, 15), 4, 2.5, 15e3, 5, 0.01,
          "BR 28 VN 15 CO 13 UA 14 IN 8 ID 8 ET 5 US 7 AR 7 LK 3"),
    Group("prepared food", (16, 23), 5, 2.8, 9e3, 12, 0.02,
          "TH 14 CN 14 BR 12 EC 8 US 10 TR 12 AR 9 UA 8 CH 6 VN 5 CI 6"),
    Group("tobacco", (24, 24), 0.7, 9, 4e3, 35, 0.02, "BR 30 US 10 CN 14 TR 18 ZW 14 MK 8 AE 6"),
    Group("minerals", (25, 27), 3, 0.6, 3e4, 1, 0.0, "NO 25 US 18 BR 15 ZA 12 TR 10 UA 10 AU 10"),
    Group("chemicals", (28, 38), 9, 6, 3e3, 4, 0.12, "CN 30 US 20 CH 15 IN 13 JP 8 KR 6 GB 8"),
    Group("plastics", (39, 40), 8, 4, 3.5e3, 6, 0.06, "CN 38 TR 12 US 12 KR 9 GB 8 TH 7 IN 6 JP 4"),
    Group("wood and leather", (41, 49), 6, 3, 4e3, 3, 0.05,
          "CN 35 BR 11 US 9 IN 9 UA 11 ID 7 BY 5 NO 6 TR 7"),
    Group("textiles", (50, 60), 4, 7, 2.5e3, 7, 0.08, "CN 40 TR 22 IN 15 PK 9 KR 6 EG 4 VN 4"),
    Group("clothing", (61, 63), 11, 16, 900, 12, 0.2,
          "CN 34 BD 22 TR 15 VN 7 IN 7 PK 6 KH 4 MA 4 LK 2"),
    Group("footwear", (64, 67), 4, 14, 1100, 13, 0.1, "CN 48 VN 24 ID 10 IN 7 TR 4 BR 4 KH 4"),
    Group("stone and glass", (68, 70), 3, 1.5, 6e3, 4, 0.02, "CN 48 TR 18 IN 10 GB 6 US 6 EG 5"),
    Group("precious metals", (71, 71), 1, 600, 8, 2, 0.9, "CH 30 IN 20 TH 12 AE 14 IL 12 HK 9"),
    Group("metals", (72, 83), 9, 3.5, 5e3, 4, 0.04, "CN 38 TR 15 IN 9 UA 8 KR 7 US 7 CH 6 GB 6"),
    Group("machinery", (84, 84), 13, 18, 900, 2, 0.25,
          "CN 36 US 15 JP 11 CH 9 GB 8 TR 8 KR 5 TW 5 RS 2"),
    Group("electrical goods", (85, 85), 14, 35, 500, 2.5, 0.35,
          "CN 52 VN 9 TW 7 KR 7 MY 6 JP 6 US 6 TH 4 HK 2 TN 2"),
    Group("vehicles", (86, 89), 5, 9, 2500, 7, 0.05, "CN 24 JP 18 US 14 TR 17 KR 12 GB 12 RS 2"),
    Group("instruments", (90, 92), 4, 70, 120, 1.5, 0.5, "US 27 CN 26 CH 16 JP 13 GB 8 SG 4 MX 5"),
    Group("arms", (93, 93), 0.05, 60, 60, 3, 0.3, "US 45 TR 25 CH 10 BR 10 RS 10"),
    Group("furniture and toys", (94, 96), 8, 6, 1800, 4, 0.05,
          "CN 64 VN 8 TR 9 ID 4 UA 5 BY 2 RS 4 MY 4"),
    Group("art", (97, 97), 0.2, 200, 30, 0, 0.7, "US 40 GB 35 CH 20 JP 5"),
)  # fmt: skip


def origin_weights() -> Floats:
    """Return the weight of each country as an origin, one row a group of goods."""
    return np.array([country_weights(group.origins) for group in GROUPS])
