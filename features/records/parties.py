"""Parties: what is registered of a trader, carrier or account holder.

Restricted: names, addresses and registration numbers are for record linkage alone. The store gives
them to no other reader, no route answers them, and no message repeats them.
"""

from __future__ import annotations

from features.records.fields import (
    Country,
    Name,
    PersonIdentifier,
    Record,
    SealedText,
    Timestamp,
    element,
    withdrawal,
)

__all__ = ["Party"]


class Party(Record):
    """A trader, carrier or account holder as an agency has registered it."""

    party_id: PersonIdentifier = element(
        "Identifier of the party, as other records name it.",
        wco="Importer/ID, Exporter/ID, Carrier/ID",
        goaml="transaction/t_to/to_account/account",
        examples=["NL823344112"],
    )
    name: Name = element(
        "Registered name. Read by record linkage only.",
        wco="Importer/Name",
        goaml="transaction/t_to/to_entity/name",
        examples=["Maas Fruit B.V."],
    )
    occurred_at: Timestamp | None = element(
        "When it was registered so, UTC.", examples=["2025-11-03T00:00:00Z"], default=None
    )
    known_at: Timestamp | None = element(
        "When the agency knew it, UTC. In a file: occurred_at, else the time of loading, unless"
        " given. Over HTTP: the time of receipt, unless the key may write history.",
        default=None,
    )
    address: SealedText | None = element(
        "Registered address. Read by record linkage only.",
        wco="Importer/Address/Line",
        goaml="transaction/t_to/to_entity/addresses/address/address",
        default=None,
    )
    registration_number: SealedText | None = element(
        "Number in a register of companies or taxpayers. Read by record linkage only.",
        goaml="transaction/t_to/to_entity/incorporation_number",
        default=None,
    )
    country: Country | None = element(
        "Country of registration, ISO 3166-1 alpha-2.",
        wco="Importer/Address/CountryCode",
        goaml="transaction/t_to/to_entity/incorporation_country_code",
        default=None,
    )
    cancelled: bool = withdrawal()
