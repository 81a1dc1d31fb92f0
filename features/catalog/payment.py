"""Payments: how goods are paid, and how those who trade in them move money."""

from __future__ import annotations

import numpy as np

from features.catalog.goods import shipment_total
from features.feature import Array, Columns, Derived, Feature, number
from features.measures import Count, Mean, Measure, Spread, Sum
from features.profiles import Profile
from features.relations import Relation

__all__ = ["DERIVED", "PROFILES", "RELATIONS", "moves_money", "pass_through", "pays_others"]

FAMILY = "payments"


def moves_money(noun: str) -> tuple[Measure, ...]:
    """Measure what a party pays and is paid, whoever the other is."""

    def count(name: str, said: str, flag: str) -> Count:
        sentence = f"This {noun} {said} {{value}} times in the last {{window}} days"
        return Count(name, sentence, (30, 365), where=flag)

    return (
        count("payments_made", "paid", "is_payer"),
        count("payments_received", "was paid", "is_payee"),
        count("cash_payments", "dealt in cash", "is_cash"),
        count("near_threshold", "moved just below the reporting threshold", "is_near_threshold"),
        Sum(
            "paid",
            "paid",
            f"This {noun} paid {{value}} in the last {{window}} days, in any currency",
            (30,),
            unit="currency",
        ),
        Sum(
            "received",
            "received",
            f"This {noun} was paid {{value}} in the last {{window}} days, in any currency",
            (30,),
            unit="currency",
        ),
    )


def pays_others(entity: str, column: str) -> Relation:
    """Count whom a party exchanged money with."""
    return Relation(
        entity,
        ("party_id",),
        "transfers",
        "payment_partners",
        "other_id",
        f"This {entity} exchanged money with {{value}} others in the last {{window}} days",
        (30, 365),
        asked=(column,),
    )


_SETTLED = (
    Count("settlements", "{value} payments for goods in the last {window} days", (365,)),
    Count(
        "third_party_payments",
        "{value} payments for goods came from others than the importer in {window} days",
        (365,),
        where="is_third_party",
    ),
    Count(
        "other_sellers_paid",
        "{value} payments for goods went to others than the exporter in {window} days",
        (365,),
        where="is_other_seller",
    ),
    Mean(
        "log_paid_ratio_mean",
        "log_paid_ratio",
        "The log of what was paid over what was declared averaged {value} in {window} days",
        (365,),
        unit="log ratio",
    ),
    Spread(
        "log_paid_ratio_spread",
        "log_paid_ratio",
        "The log of what was paid over what was declared spread by {value} in {window} days",
        (365,),
        unit="log ratio",
    ),
)
_MADE = Count("payments", "{value} payments name this declaration so far", (365,), where="is_payer")

PROFILES = (
    Profile(
        "importer", ("party_id",), "transfers", moves_money("importer"), asked=("importer_id",)
    ),
    Profile("importer", ("importer_id",), "settlements", _SETTLED),
    Profile("exporter", ("exporter_id",), "settlements", _SETTLED),
    Profile("shipment", ("declaration_id",), "transfers", (_MADE,)),
    Profile(
        "shipment_importer",
        ("declaration_id", "party_id"),
        "transfers",
        (_MADE,),
        asked=("declaration_id", "importer_id"),
    ),
    Profile(
        "shipment_currency",
        ("declaration_id", "currency"),
        "transfers",
        (Sum("paid", "paid", "{value} was paid for these goods so far", (365,), unit="currency"),),
    ),
)

RELATIONS = (pays_others("importer", "importer_id"), pays_others("exporter", "exporter_id"))


@number(
    "{value} of the declared value was paid before the declaration",
    unit="ratio",
    missing="nothing paid yet in the declared currency",
    digits=2,
)
def paid_to_declared(columns: Columns) -> Array:
    """Sum paid for the goods so far over the declaration's value, in its currency."""
    paid = columns["shipment_currency__paid__365d"]
    value = shipment_total(columns, "customs_value")
    return np.where(paid > 0, paid, np.nan) / np.where(value > 0, value, np.nan)


@number(
    "{value} payments for these goods came from others than the importer",
    unit="count",
    missing="never",
)
def payments_by_others(columns: Columns) -> Array:
    """Payments for the goods so far that others than the importer made."""
    return columns["shipment__payments__365d"] - columns["shipment_importer__payments__365d"]


def _third_party_share(party: str) -> Derived:
    def share(columns: Columns) -> Array:
        every = columns[f"{party}__settlements__365d"]
        return columns[f"{party}__third_party_payments__365d"] / np.where(every > 0, every, np.nan)

    feature = Feature(
        name=f"{party}_third_party_share",
        kind="number",
        unit="share",
        meaning=f"Share of payments for this {party}'s goods in a year from third parties.",
        missing="no payment for goods",
        wording=f"{{value}} of payments for this {party}'s goods in a year came from third parties",
        digits=2,
    )
    return Derived(feature, share)


def _share_of_payments(entity: str, counted: str, said: str) -> Derived:
    def share(columns: Columns) -> Array:
        made = columns[f"{entity}__payments_made__365d"]
        every = made + columns[f"{entity}__payments_received__365d"]
        return columns[f"{entity}__{counted}__365d"] / np.where(every > 0, every, np.nan)

    feature = Feature(
        name=f"{entity}_{counted}_share",
        kind="number",
        unit="share",
        meaning=f"Share of this {entity}'s payments in a year that were {said}.",
        missing="no payment",
        wording=f"{{value}} of this {entity}'s payments in a year were {said}",
        digits=2,
    )
    return Derived(feature, share)


def pass_through(entity: str) -> Derived:
    """Declare how much of what a party is paid in a month it pays out again."""

    def share(columns: Columns) -> Array:
        paid, received = columns[f"{entity}__paid__30d"], columns[f"{entity}__received__30d"]
        most = np.maximum(paid, received)
        return np.minimum(paid, received) / np.where(most > 0, most, np.nan)

    feature = Feature(
        name=f"{entity}_pass_through",
        kind="number",
        unit="share",
        meaning=f"Lesser over greater of what this {entity} paid and was paid in 30 days.",
        missing="no payment",
        wording=f"{{value}} of this {entity}'s money passed through within 30 days",
        digits=2,
    )
    return Derived(feature, share)


DERIVED = (
    paid_to_declared,
    payments_by_others,
    _third_party_share("importer"),
    _third_party_share("exporter"),
    pass_through("importer"),
    _share_of_payments("importer", "near_threshold", "just below the reporting threshold"),
    _share_of_payments("importer", "cash_payments", "in cash"),
    _share_of_payments("importer", "payments_received", "to this importer"),
)
