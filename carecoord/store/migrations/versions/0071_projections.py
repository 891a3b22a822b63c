"""Planning is shown as FHIR resources; events from the door carry what proves a visit."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0061"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables; what they show is built when the database is opened."""
    op.create_table(
        "projection",
        sa.Column("type", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name="pk_projection"),
    )
    op.create_index("ix_projection_street_day", "projection", ["street", "day"])
    op.create_table(
        "day_shift",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("staff", KEY, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", "staff", "start", name="pk_day_shift"),
    )
    op.add_column("visit_event", sa.Column("proof", sa.Text, nullable=False, server_default="{}"))
