"""Names of features are kept once for all scores that were made from the same ones."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make their table; scores from before keep their names with them."""
    op.create_table(
        "feature_names",
        Column("names_id", Text(), nullable=False),
        Column("names", Text(), nullable=False),
        PrimaryKeyConstraint("names_id"),
    )
    for table in ("scores", "shadow_scores"):
        op.add_column(table, Column("names_id", Text()))
