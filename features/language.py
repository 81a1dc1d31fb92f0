"""Languages that an officer reads: sentences by a catalogue of messages, numbers with its marks.

English is what the code says. Any other language is one gettext file (``locale/CODE.po``), read as
it is by Babel: adding a language is adding its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from features.errors import TidewaiterError

if TYPE_CHECKING:
    from babel.messages import Catalog

__all__ = ["ENGLISH", "LANGUAGES", "Language", "catalogue", "language"]

LANGUAGES = ("en", "nl")


@dataclass(frozen=True)
class Language:
    """What is said in one language.

    Attributes
    ----------
    code : ISO 639-1.
    marks : from the marks of an English number to this language's.
    """

    code: str
    marks: Mapping[int, str] = field(default_factory=dict)
    messages: NullTranslations = field(default_factory=NullTranslations, repr=False, compare=False)

    def text(self, message: str) -> str:
        """Translate a message; its placeholders stay."""
        return self.messages.gettext(message)

    def texts(self, one: str, several: str, count: int) -> str:
        """Translate the message for one or for several."""
        return self.messages.ngettext(one, several, count)

    def number(self, value: float, digits: int) -> str:
        """Write a number.

        Examples
        --------
        >>> ENGLISH.number(1234.5, 2), language("nl").number(1234.5, 2)
        ('1,234.50', '1.234,50')
        """
        text = f"{value:,.{digits}f}"
        return text.translate(self.marks) if self.marks else text


ENGLISH = Language("en")


@cache
def language(code: str) -> Language:
    """Give a language by its code, one of `LANGUAGES`.

    Raises
    ------
    TidewaiterError
        When there is no such language.
    """
    if code not in LANGUAGES:
        raise TidewaiterError(f"expected a language among {', '.join(LANGUAGES)}, got {code!r}")
    if code == ENGLISH.code:
        return ENGLISH
    from babel import Locale  # noqa: PLC0415 - only who reads another language waits for it
    from babel.messages.mofile import write_mo  # noqa: PLC0415

    compiled = BytesIO()
    write_mo(compiled, catalogue(code))
    compiled.seek(0)
    symbols = Locale.parse(code).number_symbols["latn"]
    marks = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})
    return Language(code, marks, GNUTranslations(compiled))


def catalogue(code: str) -> Catalog:
    """Read a language's messages as they stand in its file."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - as above

    return read_po(BytesIO(files("features").joinpath("locale", f"{code}.po").read_bytes()), code)
