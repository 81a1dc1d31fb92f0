"""Links between the identifiers of one party."""

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

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "links",
        Column(
            "seq",
            BigInteger().with_variant(Integer, "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        Column("batch", BigInteger(), nullable=False),
        Column("party_id", Text(), nullable=False),
        Column("linked_party_id", Text(), nullable=False),
        Column("probability", Double(), nullable=False),
        Column("known_at", BigInteger(), nullable=False),
        Column("occurred_at", BigInteger()),
        Column("cancelled", Boolean(), nullable=False, server_default=false()),
        Column("content_hash", Text(), nullable=False),
        Column("superseded_at", BigInteger()),
        PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "links_identity", "links", ["party_id", "linked_party_id", "known_at"], unique=True
    )
