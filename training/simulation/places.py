"""Countries, customs offices and currencies of the simulated customs union.

Invariant: codes are real: ISO 3166-1 alpha-2, UN/LOCODE, ISO 4217, UN/ECE Recommendation 19.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Floats, Ints

_PARTNERS: Final = (
    "AE AR AU BD BR BY CA CH CI CL CN CO CR EC EG ET GB GE GT HK ID IL IN JP KE KH KR LK MA MD "
    "MK MX MY NG NO NZ PA PE PH PK RS SG TH TN TR TW UA US UY VN ZA ZW"
)
_MEMBERS: Final = "NL DE FR BE IT ES PL SE AT CZ GR HU LT RO BG PT"
MEMBERS: Final = _MEMBERS.split()
COUNTRIES: Final = np.array(_PARTNERS.split() + MEMBERS)
HUBS: Final = ("AE", "SG", "HK", "PA", "TR", "CH")
MEMBER_WEIGHTS: Final = np.array([20, 24, 14, 9, 11, 9, 6, 3, 3, 3, 2, 2, 1.5, 2, 1.5, 2])

MARITIME, RAIL, ROAD, AIR, MAIL = 1, 2, 3, 4, 5

_OFFICES: Final = (
    ("NLRTM", 1, 26), ("BEANR", 1, 15), ("DEHAM", 1, 15), ("FRLEH", 1, 7), ("ITGOA", 1, 7),
    ("ESALG", 1, 6), ("ESVLC", 1, 6), ("GRPIR", 1, 5), ("PLGDN", 1, 4), ("ROCND", 1, 3),
    ("NLAMS", 4, 10), ("DEFRA", 4, 11), ("FRCDG", 4, 8), ("BELGG", 4, 6),
    ("PLWAW", 3, 9), ("LTVNO", 3, 5), ("HUBUD", 3, 6), ("BGSOF", 3, 7),
    ("DEDUI", 2, 5), ("PLPOZ", 2, 2), ("DELEJ", 5, 6), ("NLUTC", 5, 3),
)  # fmt: skip
OFFICES: Final = np.array([code for code, _, _ in _OFFICES])
OFFICE_MODES: Final = np.array([mode for _, mode, _ in _OFFICES], dtype=np.int64)
OFFICE_WEIGHTS: Final = np.array([float(weight) for _, _, weight in _OFFICES])

# Road posts of the outer border: weight, and the neighbours beyond it.
_POSTS: Final = (
    ("BGKAN", 13, "TR GE"), ("GREVZ", 3, "MK TR"), ("BGKAL", 6, "RS TR"), ("BGGJE", 2, "MK"),
    ("HUROS", 10, "RS MK TR"), ("HUZAH", 4, "UA"), ("ROSIR", 4, "UA MD"), ("ROGAL", 3, "MD UA"),
    ("PLMED", 6, "UA"), ("PLDOR", 4, "UA"), ("PLTER", 5, "BY"), ("LTMDK", 3, "BY"),
    ("FRCQF", 11, "GB"), ("DEWLR", 9, "CH"), ("ITPHS", 8, "CH"), ("FRANM", 4, "CH"),
    ("SESVI", 5, "NO"), ("ESALG", 5, "MA"),
)  # fmt: skip
POSTS: Final = np.array([code for code, _, _ in _POSTS])
POST_WEIGHTS: Final = np.array([float(weight) for _, weight, _ in _POSTS])

# Where a journey begins, one place a trading partner; a member's goods begin in a member's port.
_DEPOTS: Final = (
    "AEJEA ARBUE AUMEL BDCGP BRSSZ BYMSQ CAHAL CHBSL CIABJ CLSAI CNSHG COCTG CRLIO ECGYE EGALY "
    "ETADD GBDVR GETBS GTPRQ HKHKG IDJKT ILHFA INNSA JPTYO KEMBA KHKOS KRPUS LKCMB MAPTM MDKIV "
    "MKSKP MXVER MYPKG NGLAG NOOSL NZAKL PAONX PECLL PHMNL PKKHI RSBEG SGSIN THLCH TNTUN TRIST "
    "TWKHH UAIEV USNYC UYMVD VNSGN ZADUR ZWHRE"
)
_DEPOT_OF: Final = {code[:2]: code for code in _DEPOTS.split()}
DEPOTS: Final = np.array([_DEPOT_OF.get(code, "NLRTM") for code in COUNTRIES])

CURRENCIES: Final = np.array(["EUR", "USD", "GBP", "CHF"])
CURRENCY_WEIGHTS: Final = np.array([0.84, 0.12, 0.03, 0.01])
PER_EURO: Final = np.array([1.0, 1.09, 0.86, 0.95])

_OVERLAND: Final = {"TR": 0.55, "UA": 0.85, "BY": 0.9, "MD": 0.9, "RS": 0.95, "MK": 0.95,
                    "CH": 0.85, "NO": 0.5, "GB": 0.45, "GE": 0.6, "MA": 0.35}  # fmt: skip
OVERLAND_SHARE: Final = np.array([_OVERLAND.get(code, 0.0) for code in COUNTRIES])
NEIGHBOURS: Final = tuple(_OVERLAND)


def country(code: str) -> int:
    """Return the position of a country in `COUNTRIES`.

    Raises
    ------
    ValueError
        When the simulated world does not trade with it.
    """
    found = np.flatnonzero(code == COUNTRIES)
    if not len(found):
        raise ValueError(f"expected a country of the simulated world, got {code!r}")
    return int(found[0])


def country_weights(shares: str) -> Floats:
    """Read ``"CN 40 VN 10"`` into a weight for each country.

    Examples
    --------
    >>> float(country_weights("CN 40 VN 10").sum())
    50.0
    """
    words = shares.split()
    weights = np.zeros(len(COUNTRIES))
    for code, weight in zip(words[::2], words[1::2], strict=True):
        weights[country(code)] = float(weight)
    return weights


def post_weights() -> Floats:
    """Return the weight of each post, one row a country: a neighbour's own posts, else every one.

    Returns
    -------
    Floats
        Shape (countries, posts).
    """
    rows = [[float(c in beyond.split()) for _, _, beyond in _POSTS] for c in COUNTRIES]
    own = np.array(rows)
    everywhere = np.where(own.any(axis=1, keepdims=True), 0.02, 1.0)
    return np.asarray((own + everywhere) * POST_WEIGHTS)


def draw_modes(rng: np.random.Generator, departures: Ints, air_share: Floats) -> Ints:
    """Draw how goods arrive: overland from neighbours, else by air, mail, rail or sea."""
    size = len(departures)
    overland = rng.random(size) < OVERLAND_SHARE[departures]
    modes = np.where(rng.random(size) < 0.05, RAIL, MARITIME)
    modes = np.where(rng.random(size) < air_share, AIR, modes)
    modes = np.where((modes == AIR) & (rng.random(size) < 0.12), MAIL, modes)
    return np.where(overland, ROAD, modes)


def labels(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Return whole-number codes as their text, as Recommendation 19 writes modes."""
    return codes.astype("U1")
