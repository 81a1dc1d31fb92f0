"""Pseudonyms: identifiers of persons, companies and vehicles, made unreadable but still joinable.

One keyed hash for all kinds of record, over a normalised spelling, so that the same trader or lorry
meets itself everywhere; without the key nobody can test a guess.
"""

from __future__ import annotations

import base64
import hmac
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from features.records.kinds import kind_of

__all__ = ["normalise", "pseudonym", "pseudonymise", "pseudonymise_mappings"]

_BYTES = 10


def normalise(identifier: str) -> str:
    """Bring an identifier to one spelling: compatibility forms, capitals, letters and digits only.

    Examples
    --------
    >>> normalise("nl 8233.44-112")
    'NL823344112'
    """
    text = unicodedata.normalize("NFKC", identifier).upper()
    return text if text.isalnum() else "".join(filter(str.isalnum, text))


def pseudonym(identifier: str, key: bytes) -> str:
    """Return 16 letters and digits: the first 80 bits of HMAC-SHA-256 (RFC 2104), in base 32."""
    return _pseudonyms([identifier], key)[identifier]


def pseudonymise(frame: pd.DataFrame, kind: str, key: bytes) -> pd.DataFrame:
    """Replace every identifier of a person in the frame; missing ones stay missing."""
    result = frame.copy(deep=False)
    for name in kind_of(kind).persons:
        known = _pseudonyms(result[name].dropna().unique(), key)
        result[name] = (
            result[name].map(known).astype("str") if known else result[name].astype("str")
        )
    return result


def pseudonymise_mappings(
    records: Collection[Mapping[str, Any]], kind: str, key: bytes
) -> list[dict[str, Any]]:
    """Replace the same in mappings; None stays None."""
    persons = kind_of(kind).persons
    named = {
        record[name]: None for record in records for name in persons if record.get(name) is not None
    }
    known = _pseudonyms(named, key)
    return [
        {**record, **{n: known[record[n]] for n in persons if record.get(n) is not None}}
        for record in records
    ]


def _pseudonyms(identifiers: Collection[str], key: bytes) -> dict[str, str]:
    digests = [hmac.digest(key, normalise(each).encode(), "sha256") for each in identifiers]
    # Groups of five bytes are encoded by themselves, so all at once as each alone, but faster.
    text = base64.b32encode(b"".join(digest[:_BYTES] for digest in digests)).decode()
    width = _BYTES * 8 // 5
    parts = [text[start : start + width] for start in range(0, len(text), width)]
    return dict(zip(identifiers, parts, strict=True))
