"""Decisions of people about single visits."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "visit_edit",
        sa.Column("plan", KEY, nullable=False),
        sa.Column("visit", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("occasion", sa.Integer, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("falls_on", sa.Date, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plan", "visit", "day", "occasion", name="pk_visit_edit"),
    )
    op.create_index("ix_visit_edit_plan_falls_on", "visit_edit", ["plan", "falls_on"])
