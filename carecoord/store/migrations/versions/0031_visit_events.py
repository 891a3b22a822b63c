"""What is reported from the door."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "visit_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("demand", KEY, nullable=False),
        sa.Column("staff", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visit_event"),
    )
    op.create_index("ix_visit_event_street_day", "visit_event", ["street", "day"])
    op.create_index("ix_visit_event_demand", "visit_event", ["demand"])
