"""Rosters that people made by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0071"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "roster_plan",
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", KEY, nullable=False),
        sa.Column("calls", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roster_plan"),
        sa.UniqueConstraint("street", "day", "hash", name="uq_roster_plan_street_day_hash"),
    )
