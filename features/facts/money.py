"""Facts of money: who paid whom, and how what was paid agrees with what was declared.

``transfers`` has a row for either side of a payment, so two of one party where it pays itself;
``settlements`` has one for every payment that names a declaration, by the parties of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from features.facts.declared import PARTIES, beside_declaration
from features.facts.fact import INSTANTS, Facts, dated, day_of, filed, held, logarithm

__all__ = ["SETTLEMENTS", "TRANSFERS"]

Expression = Any  # ibis publishes no types

# Deposits of this much and more are reported (Directive (EU) 2015/849: cash of EUR 10,000); what
# lies within a tenth below it is what structuring looks like (FATF, Trade-Based Money Laundering,
# 2020).
_THRESHOLD = 10_000.0
_NEAR = 0.9


def _sides(payments: Expression) -> Expression:
    """Give either side of every payment."""
    paid = held(payments)
    near = (paid.amount >= _NEAR * _THRESHOLD) & (paid.amount < _THRESHOLD)
    paid = paid.mutate(
        day=day_of(paid.known_at),
        is_cash=ibis.coalesce(paid.method == "cash", False),
        is_near_threshold=near,
        log_amount=logarithm(paid.amount),
    )
    nothing = ibis.null("float64")
    debtors = paid.mutate(
        party_id=paid.debtor_id,
        other_id=paid.creditor_id,
        other_country=paid.creditor_country,
        is_payer=True,
        is_payee=False,
        paid=paid.amount,
        received=nothing,
    )
    creditors = paid.mutate(
        party_id=paid.creditor_id,
        other_id=paid.debtor_id,
        other_country=paid.debtor_country,
        is_payer=False,
        is_payee=True,
        paid=nothing,
        received=paid.amount,
    )
    return debtors.union(creditors)


def _transfers(tables: Mapping[str, Expression]) -> Expression:
    return filed(_sides(tables["payments"]), "payment_id").select(*TRANSFERS.columns)


def _settlements(tables: Mapping[str, Expression]) -> Expression:
    """Compare payments with what was declared.

    ``log_paid_ratio`` is the natural logarithm of the amount over the value of the declaration,
    missing where either is zero or they are in different currencies; ``is_other_seller`` says that
    another than the exporter was paid, never so where the declaration names none.
    """
    paid = beside_declaration(held(tables["payments"]), tables["declarations"], ["payment_id"])
    ratio = paid.amount / paid.declared_value.nullif(0)
    is_comparable = paid.currency == paid.declared_currency
    facts = paid.mutate(
        is_third_party=paid.debtor_id != paid.importer_id,
        is_other_seller=ibis.coalesce(paid.creditor_id != paid.exporter_id, False),
        log_paid_ratio=logarithm(ibis.ifelse(is_comparable, ratio, ibis.null("float64"))),
    )
    return dated(facts, "payment_id").select(*SETTLEMENTS.columns)


TRANSFERS = Facts(
    "transfers",
    {"payments": "payment_id"},
    "payment_id",
    {
        "payment_id": "string",
        **INSTANTS,
        "party_id": "string",
        "other_id": "string",
        "other_country": "string",
        "declaration_id": "string",
        "currency": "string",
        "is_payer": "boolean",
        "is_payee": "boolean",
        "is_cash": "boolean",
        "is_near_threshold": "boolean",
        "paid": "float64",
        "received": "float64",
        "log_amount": "float64",
    },
    _transfers,
)
SETTLEMENTS = Facts(
    "settlements",
    {"payments": "declaration_id", "declarations": "declaration_id"},
    "declaration_id",
    {
        "payment_id": "string",
        "declaration_id": "string",
        **INSTANTS,
        **PARTIES,
        "is_third_party": "boolean",
        "is_other_seller": "boolean",
        "log_paid_ratio": "float64",
    },
    _settlements,
)
