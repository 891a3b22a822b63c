"""Runs tell their progress, can be cancelled, and keep what did not become a plan."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0041"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add columns and tables."""
    op.add_column("run", sa.Column("cancel", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("run", sa.Column("progress", sa.Text, nullable=False, server_default="{}"))
    op.add_column("run", sa.Column("idempotency_key", KEY))
    op.create_index("ix_run_street_requested_at", "run", ["street", "requested_at"])
    op.create_index(
        "ix_run_requested_by_idempotency_key",
        "run",
        ["requested_by", "idempotency_key"],
        unique=True,
    )
    op.create_table(
        "run_event",
        sa.Column("run", KEY, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run", "number", name="pk_run_event"),
    )
    op.create_table(
        "run_plan",
        sa.Column("run", KEY, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("attribution", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_run_plan"),
    )
