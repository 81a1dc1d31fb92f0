"""Subjects: what is scored, and how a record of it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import sqlglot
from sqlglot import exp

from features.facts.border import PASSAGES, passages
from features.facts.customs import ITEMS, items
from features.facts.fact import Facts

__all__ = ["SUBJECTS", "Subject"]

Expression = Any  # ibis publishes no types


@dataclass(frozen=True)
class Subject:
    """What is scored.

    Parameters
    ----------
    name : str
        ``shipments`` or ``crossings``.
    kind : str
        The kind of record that is one row of its feature table.
    identity : tuple of str
        Columns that tell its records apart; a feature table has ``known_at`` after them.
    facts : Facts
        The facts that its records are themselves.
    reads : dict of str to str
        The fields that keys and derived columns come from, with their types.
    rows : callable
        From records with these fields to the same with ``day`` and what is derived from them.
    alike : str
        The category feature in which like records agree: what is normal is told among those.
    """

    name: str
    kind: str
    identity: tuple[str, ...]
    facts: Facts
    reads: dict[str, str]
    rows: Callable[[Expression], Expression]
    alike: str

    @property
    def own(self) -> str:
        """The column that tells one subject from another: it may have several records."""
        return self.facts.group

    @cached_property
    def derived(self) -> dict[str, str]:
        """Columns that are derived from a record, with their types."""
        made = self.rows(ibis.table(self.reads, name="records")).schema()
        return {name: str(kind) for name, kind in made.items() if name not in self.reads}

    @cached_property
    def derived_from(self) -> tuple[str, ...]:
        """The fields that these come from."""
        made = self.rows(ibis.table(self.reads, name="records")).select(*self.derived)
        query = sqlglot.parse_one(str(ibis.to_sql(made)), read="duckdb")
        named = {column.name for column in query.find_all(exp.Column)}
        return tuple(name for name in self.reads if name in named)

    @property
    def columns(self) -> dict[str, str]:
        """Columns that a record asked about has, with their types."""
        return self.reads | self.derived


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject(
            "shipments",
            "declarations",
            ("declaration_id", "item_number"),
            ITEMS,
            {
                "declaration_id": "string",
                "item_number": "int64",
                "known_at": "int64",
                "importer_id": "string",
                "exporter_id": "string",
                "declarant_id": "string",
                "carrier_id": "string",
                "office_id": "string",
                "hs_code": "string",
                "origin_country": "string",
                "departure_country": "string",
                "transport_id": "string",
                "container_id": "string",
                "customs_value": "float64",
                "currency": "string",
                "net_mass_kg": "float64",
                "gross_mass_kg": "float64",
            },
            items,
            "hs_chapter",
        ),
        Subject(
            "crossings",
            "crossings",
            ("crossing_id",),
            PASSAGES,
            {
                "crossing_id": "string",
                "known_at": "int64",
                "occurred_at": "int64",
                "post_id": "string",
                "direction": "string",
                "vehicle_id": "string",
                "vehicle_class": "string",
                "driver_id": "string",
                "carrier_id": "string",
                "occupants": "int64",
                "gross_mass_kg": "float64",
                "declaration_id": "string",
            },
            passages,
            "class_of_vehicle",
        ),
    )
}
