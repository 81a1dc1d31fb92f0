"""Names and addresses in one spelling, whatever alphabet, capitals and order they came in."""

from __future__ import annotations

import re

from anyascii import anyascii

__all__ = ["digits", "letters", "words"]

_INSIDE = re.compile(r"[.'`]")
_WORD = re.compile(r"[A-Z0-9]+")
_DIGITS = re.compile(r"[0-9]+")


def words(text: str | None) -> list[str]:
    """Give the words of a text in Latin capitals, sorted, since lists turn names around.

    Examples
    --------
    >>> words("Жанна Świątek G.m.b.H.") == words("gmbh ZHANNA swiatek")
    True
    """
    return sorted(_WORD.findall(_INSIDE.sub("", anyascii(text or "")).upper()))


def letters(spelt: list[str]) -> str:
    """Give the letters and digits of words, sorted, so that a slip of the hand moves few of them.

    Letters swapped and spaces misplaced change nothing, a letter too many or too few changes one:
    what a bag distance looks at (Bartolini, Ciaccia and Patella, SPIRE 2002).

    Examples
    --------
    >>> letters(["KIM", "KATHE"]), letters(["KIMK", "ATEH"])
    ('AEHIKKMT', 'AEHIKKMT')
    """
    return "".join(sorted("".join(spelt)))


def digits(spelt: list[str]) -> str:
    """Give the numbers among words: those of house and flat in an address.

    Examples
    --------
    >>> digits(["12B", "4", "KADE"])
    '12 4'
    """
    return " ".join(_DIGITS.findall(" ".join(spelt)))
