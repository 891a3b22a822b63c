"""Planning: street networks, demands, day plans, runs, and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the planning tables."""
    op.create_table(
        "audit",
        sa.Column("row", ROW, sa.Identity(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("organization", KEY, nullable=False),
        sa.Column("action", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_target", "audit", ["target"])
    op.create_table(
        "day_plan",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("published_at", INSTANT),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Column("attribution", sa.Text, nullable=False),
        sa.Column("cost", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", name="pk_day_plan"),
    )
    op.create_table(
        "demand",
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("elder", KEY, nullable=False),
        sa.Column("plan", KEY, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_demand"),
    )
    op.create_index("ix_demand_plan_day", "demand", ["plan", "day"])
    op.create_index("ix_demand_street_day", "demand", ["street", "day"])
    op.create_table(
        "homeward",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("staff", KEY, nullable=False),
        sa.Column("arrival", sa.Integer, nullable=False),
        sa.Column("travel", sa.Integer, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", "staff", "arrival", name="pk_homeward"),
    )
    op.create_table(
        "pause",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("staff", KEY, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", "staff", "start", name="pk_pause"),
    )
    op.create_table(
        "run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("base_version", sa.Integer, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("requested_by", KEY, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.Column("problem_hash", KEY, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_state_lease_until", "run", ["state", "lease_until"])
    op.create_index("ix_run_street_day", "run", ["street", "day"])
    op.create_table(
        "stop",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("staff", KEY, nullable=False),
        sa.Column("demand", KEY, nullable=False),
        sa.Column("order", sa.Integer, nullable=False),
        sa.Column("arrival", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("travel", sa.Integer, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.CheckConstraint('"end" > "start" AND "start" >= "arrival"', name="ck_stop_times"),
        sa.PrimaryKeyConstraint("street", "day", "staff", "demand", name="pk_stop"),
        sa.UniqueConstraint(
            "street", "day", "staff", "order", name="uq_stop_street_day_staff_order"
        ),
    )
    op.create_index("ix_stop_demand", "stop", ["demand"])
    op.create_table(
        "street_member",
        sa.Column("patient", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.PrimaryKeyConstraint("patient", name="pk_street_member"),
    )
    op.create_index("ix_street_member_street", "street_member", ["street"])
    op.create_table(
        "street_network",
        sa.Column("street", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("content_hash", KEY, nullable=False),
        sa.PrimaryKeyConstraint("street", name="pk_street_network"),
    )
    op.create_table(
        "unserved",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("demand", KEY, nullable=False),
        sa.Column("code", KEY, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", "demand", name="pk_unserved"),
    )
