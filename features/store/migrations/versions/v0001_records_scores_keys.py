"""Records in versions, scores, keys, and what the store notes of itself."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

revision = "0001"
down_revision = None

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _declarations()
    _inspections()
    _scores()
    _access_keys()
    _derived_tables()
    _properties()


def _declarations() -> None:
    op.create_table(
        "declarations",
        Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        Column("batch", BigInteger(), nullable=False),
        Column("declaration_id", Text(), nullable=False),
        Column("item_number", BigInteger()),
        Column("occurred_at", BigInteger(), nullable=False),
        Column("known_at", BigInteger()),
        Column("importer_id", Text(), nullable=False),
        Column("hs_code", Text(), nullable=False),
        Column("origin_country", Text(), nullable=False),
        Column("net_mass_kg", Double(), nullable=False),
        Column("customs_value", Double(), nullable=False),
        Column("currency", Text(), nullable=False),
        Column("office_id", Text()),
        Column("declarant_id", Text()),
        Column("exporter_id", Text()),
        Column("carrier_id", Text()),
        Column("goods_description", Text()),
        Column("departure_country", Text()),
        Column("destination_country", Text()),
        Column("transport_mode", Text()),
        Column("transport_id", Text()),
        Column("container_id", Text()),
        Column("gross_mass_kg", Double()),
        Column("duty_rate_pct", Double()),
        Column("process_type", Text()),
        Column("import_type", Text()),
        Column("import_use", Text()),
        Column("payment_type", Text()),
        Column("tax_type", Text()),
        Column("origin_indicator", Text()),
        Column("content_hash", Text(), nullable=False),
        Column("superseded_at", BigInteger()),
        PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "declarations_identity",
        "declarations",
        ["declaration_id", "item_number", "known_at"],
        unique=True,
    )


def _inspections() -> None:
    op.create_table(
        "inspections",
        Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        Column("batch", BigInteger(), nullable=False),
        Column("inspection_id", Text(), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("subject_id", Text(), nullable=False),
        Column("known_at", BigInteger(), nullable=False),
        Column("result", Text(), nullable=False),
        Column("occurred_at", BigInteger()),
        Column("item_number", BigInteger()),
        Column("control_type", Text()),
        Column("offence", Text()),
        Column("seized_quantity", Double()),
        Column("revenue_recovered", Double()),
        Column("selection_reason", Text()),
        Column("selection_probability", Double()),
        Column("content_hash", Text(), nullable=False),
        Column("superseded_at", BigInteger()),
        PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "inspections_identity", "inspections", ["inspection_id", "known_at"], unique=True
    )
    op.create_index("inspections_subject_id", "inspections", ["subject_id"])


def _scores() -> None:
    op.create_table(
        "scores",
        Column("score_id", Text(), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("record_id", Text(), nullable=False),
        Column("item_number", Integer()),
        Column("content_hash", Text(), nullable=False),
        Column("known_at", BigInteger(), nullable=False),
        Column("scored_at", BigInteger(), nullable=False),
        Column("model_version", Text(), nullable=False),
        Column("fingerprint", Text(), nullable=False),
        Column("risk", Double(), nullable=False),
        Column("log_odds", Double(), nullable=False),
        Column("base_value", Double(), nullable=False),
        Column("channel", Text(), nullable=False),
        Column("body", Text(), nullable=False),
        Column("features", Text(), nullable=False),
        PrimaryKeyConstraint("score_id"),
        UniqueConstraint(
            "subject", "record_id", "content_hash", name="scores_subject_record_id_content_hash"
        ),
    )


def _access_keys() -> None:
    op.create_table(
        "access_keys",
        Column("key_id", Text(), nullable=False),
        Column("key_hash", Text(), nullable=False),
        Column("role", Text(), nullable=False),
        Column("post", Text()),
        Column("created_at", BigInteger(), nullable=False),
        Column("expires_at", BigInteger()),
        Column("revoked_at", BigInteger()),
        PrimaryKeyConstraint("key_id"),
        UniqueConstraint("key_hash", name="access_keys_key_hash"),
    )


def _derived_tables() -> None:
    op.create_table(
        "derived_tables",
        Column("name", Text(), nullable=False),
        Column("fingerprint", Text(), nullable=False),
        PrimaryKeyConstraint("name"),
    )


def _properties() -> None:
    op.create_table(
        "properties",
        Column("name", Text(), nullable=False),
        Column("value", Text(), nullable=False),
        PrimaryKeyConstraint("name"),
    )
