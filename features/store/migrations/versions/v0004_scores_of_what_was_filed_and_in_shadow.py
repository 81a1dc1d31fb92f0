"""Scores say whether their record was filed; those made in the shadow of others have a table."""

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
    UniqueConstraint,
    true,
)

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Mark and make them; of scores from before, nothing tells those of records never filed."""
    op.add_column("scores", Column("filed", Boolean(), nullable=False, server_default=true()))
    op.create_table(
        "shadow_scores",
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
        Column("filed", Boolean(), nullable=False, server_default=true()),
        PrimaryKeyConstraint("score_id"),
        UniqueConstraint(
            "subject",
            "record_id",
            "content_hash",
            "model_version",
            name="shadow_scores_subject_record_id_content_hash_model_version",
        ),
    )
