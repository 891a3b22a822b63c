"""Absences of staff, pins of visits, and what happened on a day that its plan had to answer."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0051"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "staff_absence",
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("staff", KEY, nullable=False),
        sa.Column("start", INSTANT, nullable=False),
        sa.Column("end", INSTANT),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_absence"),
    )
    op.create_index("ix_staff_absence_street_start", "staff_absence", ["street", "start"])
    op.create_table(
        "visit_pin",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("demand", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", "demand", "kind", name="pk_visit_pin"),
    )
    op.create_table(
        "day_repair",
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("frozen", sa.Integer, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_day_repair"),
    )
    op.create_index("ix_day_repair_street_day", "day_repair", ["street", "day"])
