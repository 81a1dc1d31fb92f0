"""The register of parties as it is compared: one spelling, and the keys to compare by."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from features.linkage.keys import keys, narrow
from features.linkage.wording import digits, letters, words
from features.records.pseudonyms import normalise

__all__ = ["spelt"]


def spelt(parties: pd.DataFrame, widest: int) -> pa.Table:
    """Spell every party's name and address in one way.

    Parameters
    ----------
    parties : DataFrame
        Parties, each once, with their sealed fields.
    widest : int
        Of how many parties a key may be.

    Returns
    -------
    pyarrow.Table
        In order of ``party_id``: ``name`` and ``address`` (words), ``name_letters`` and
        ``address_letters``, ``house`` (the numbers of the address), ``number``, ``country``; text,
        missing where there is none; and ``keys``, a list.
    """
    ordered = parties.sort_values("party_id")
    name, address = ([words(text) for text in _texts(ordered[n])] for n in ("name", "address"))
    number = [normalise(text) if text else None for text in _texts(ordered["registration_number"])]
    country = _texts(ordered["country"])
    every = [keys(*told) for told in zip(name, address, number, country, strict=True)]
    columns = {
        "party_id": ordered["party_id"].tolist(),
        "name": [" ".join(each) for each in name],
        "name_letters": [letters(each) for each in name],
        "address": [" ".join(each) for each in address],
        "address_letters": [letters(each) for each in address],
        "house": [digits(each) for each in address],
        "number": number,
        "country": country,
    }
    arrays = {
        column: pa.array([value or None for value in values], pa.string())
        for column, values in columns.items()
    }
    return pa.table(arrays | {"keys": pa.array(narrow(every, widest), pa.list_(pa.string()))})


def _texts(values: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in values]
