"""Payments: one row a transfer between two parties, as a financial institution reports it."""

from __future__ import annotations

from features.records.fields import (
    Amount,
    Country,
    Currency,
    Identifier,
    PersonIdentifier,
    Record,
    Text,
    Timestamp,
    element,
    when_known,
    withdrawal,
)

__all__ = ["Payment"]


class Payment(Record):
    """A transfer from a debtor to a creditor."""

    payment_id: Identifier = element(
        "Number of the transfer.",
        goaml="transaction/transactionnumber",
        examples=["PAY-2026-008812"],
    )
    occurred_at: Timestamp = element(
        "When it was executed, UTC.",
        goaml="transaction/date_transaction",
        examples=["2026-02-20T11:02:00Z"],
    )
    debtor_id: PersonIdentifier = element(
        "Identifier of the party who pays, the one it has in other records where that is known.",
        goaml="transaction/t_from/from_account/account",
        examples=["NL823344112"],
    )
    creditor_id: PersonIdentifier = element(
        "Identifier of the party who is paid, likewise.",
        goaml="transaction/t_to/to_account/account",
        examples=["CN91310000"],
    )
    amount: Amount = element(
        "Amount, in the currency named beside it.",
        unit="currency",
        goaml="transaction/t_from/from_foreign_currency/foreign_amount, else amount_local",
        examples=[45000.0],
    )
    currency: Currency = element(
        "Currency of the amount, ISO 4217.",
        goaml="transaction/t_from/from_foreign_currency/foreign_currency_code",
        examples=["EUR"],
    )
    known_at: Timestamp | None = when_known()
    debtor_country: Country | None = element(
        "Country the money comes from, ISO 3166-1 alpha-2.",
        goaml="transaction/t_from/from_country",
        default=None,
    )
    creditor_country: Country | None = element(
        "Country the money goes to, ISO 3166-1 alpha-2.",
        goaml="transaction/t_to/to_country",
        default=None,
    )
    method: Text | None = element(
        "How it was paid: transfer, cash, cheque, card, or as the agency names it.",
        goaml="transaction/transmode_code",
        default=None,
    )
    declaration_id: Identifier | None = element(
        "Customs declaration of the goods paid for.", wco="Declaration/ID", default=None
    )
    cancelled: bool = withdrawal()
