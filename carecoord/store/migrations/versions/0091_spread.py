"""What the spread over days chose, and the plannings of days ahead."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0081"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "spread",
        sa.Column("plan", KEY, nullable=False),
        sa.Column("visit", KEY, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("occasion", sa.Integer, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.PrimaryKeyConstraint("plan", "visit", "due", "occasion", name="pk_spread"),
    )
    op.create_index("ix_spread_street_day", "spread", ["street", "day"])
    op.create_table(
        "horizon",
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("requested_by", KEY, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_horizon"),
    )
    op.create_index("ix_horizon_street_requested_at", "horizon", ["street", "requested_at"])
    op.create_index("ix_horizon_state_lease_until", "horizon", ["state", "lease_until"])
    op.create_table(
        "horizon_day",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("problem_hash", KEY, nullable=False),
        sa.Column("run", KEY, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", name="pk_horizon_day"),
    )
