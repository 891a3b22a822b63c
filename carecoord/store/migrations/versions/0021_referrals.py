"""Referrals: clocks, offers, messages, and telling others."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of referrals."""
    _clocks_and_offers()
    _outbox()
    _receivers()


def _clocks_and_offers() -> None:
    op.create_table(
        "referral_clock",
        sa.Column("id", KEY, nullable=False),
        sa.Column("task", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_referral_clock"),
    )
    op.create_index("ix_referral_clock_state_next_at", "referral_clock", ["state", "next_at"])
    op.create_index("ix_referral_clock_task", "referral_clock", ["task"])
    op.create_index("ix_referral_clock_street_state", "referral_clock", ["street", "state"])
    op.create_table(
        "offer",
        sa.Column("id", KEY, nullable=False),
        sa.Column("task", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
    )
    op.create_index("ix_offer_task", "offer", ["task"])
    op.create_table(
        "message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("content_hash", KEY, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("row", ROW, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("topic", KEY, nullable=False),
        sa.Column("reference", KEY, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_reference", "outbox", ["reference"])


def _receivers() -> None:
    op.create_table(
        "receiver",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("wishes", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("old_secret", sa.Text, nullable=False),
        sa.Column("old_until", INSTANT),
        sa.Column("state", KEY, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("heartbeat_at", INSTANT),
        sa.Column("lease", KEY, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receiver"),
    )
    op.create_table(
        "delivery",
        sa.Column("row", ROW, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("receiver", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("row", name="pk_delivery"),
        sa.UniqueConstraint("id", name="uq_delivery_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_receiver_state_row", "delivery", ["receiver", "state", "row"])
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"])
    op.create_table(
        "delivery_attempt",
        sa.Column("row", ROW, sa.Identity(), nullable=False),
        sa.Column("delivery", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_delivery_attempt"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_attempt_delivery", "delivery_attempt", ["delivery"])
