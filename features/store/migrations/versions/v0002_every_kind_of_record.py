"""Movements, crossings, payments and parties; records that were withdrawn."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    PrimaryKeyConstraint,
    Text,
    false,
)

revision = "0002"
down_revision = "0001"

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of the new kinds; no record of the old ones was withdrawn."""
    for kind in ("declarations", "inspections"):
        op.add_column(kind, _cancelled())
    _movements()
    _crossings()
    _payments()
    _parties()


def _cancelled() -> Column[bool]:
    return Column("cancelled", Boolean(), nullable=False, server_default=false())


def _records(kind: str, identity: list[str], *fields: Column[object]) -> None:
    op.create_table(
        kind,
        Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        Column("batch", BigInteger(), nullable=False),
        *fields,
        _cancelled(),
        Column("content_hash", Text(), nullable=False),
        Column("superseded_at", BigInteger()),
        PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(f"{kind}_identity", kind, [*identity, "known_at"], unique=True)


def _movements() -> None:
    _records(
        "movements",
        ["movement_id", "event", "office_id", "occurred_at"],
        Column("movement_id", Text(), nullable=False),
        Column("event", Text(), nullable=False),
        Column("occurred_at", BigInteger(), nullable=False),
        Column("office_id", Text(), nullable=False),
        Column("known_at", BigInteger()),
        Column("declaration_id", Text()),
        Column("transport_id", Text()),
        Column("container_id", Text()),
        Column("seal_state", Text()),
        Column("gross_mass_kg", Double()),
        Column("due_at", BigInteger()),
    )
    op.create_index("movements_declaration_id", "movements", ["declaration_id"])


def _crossings() -> None:
    _records(
        "crossings",
        ["crossing_id"],
        Column("crossing_id", Text(), nullable=False),
        Column("post_id", Text(), nullable=False),
        Column("occurred_at", BigInteger(), nullable=False),
        Column("direction", Text(), nullable=False),
        Column("known_at", BigInteger()),
        Column("vehicle_id", Text()),
        Column("vehicle_class", Text()),
        Column("driver_id", Text()),
        Column("driver_nationality", Text()),
        Column("occupants", BigInteger()),
        Column("gross_mass_kg", Double()),
        Column("carrier_id", Text()),
        Column("declaration_id", Text()),
    )
    op.create_index("crossings_declaration_id", "crossings", ["declaration_id"])


def _payments() -> None:
    _records(
        "payments",
        ["payment_id"],
        Column("payment_id", Text(), nullable=False),
        Column("occurred_at", BigInteger(), nullable=False),
        Column("debtor_id", Text(), nullable=False),
        Column("creditor_id", Text(), nullable=False),
        Column("amount", Double(), nullable=False),
        Column("currency", Text(), nullable=False),
        Column("known_at", BigInteger()),
        Column("debtor_country", Text()),
        Column("creditor_country", Text()),
        Column("method", Text()),
        Column("declaration_id", Text()),
    )
    op.create_index("payments_declaration_id", "payments", ["declaration_id"])


def _parties() -> None:
    _records(
        "parties",
        ["party_id"],
        Column("party_id", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("occurred_at", BigInteger()),
        Column("known_at", BigInteger()),
        Column("address", Text()),
        Column("registration_number", Text()),
        Column("country", Text()),
    )
