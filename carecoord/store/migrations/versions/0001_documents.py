"""Documents, their versions and what they can be found by."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the document tables."""
    op.create_table(
        "document",
        sa.Column("row", ROW, sa.Identity(), nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated", INSTANT, nullable=False),
        sa.Column("method", KEY, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_document"),
        sa.UniqueConstraint("type", "id", name="uq_document_type_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_document_type_updated", "document", ["type", "updated"])
    op.create_table(
        "document_version",
        sa.Column("type", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated", INSTANT, nullable=False),
        sa.Column("method", KEY, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("type", "id", "version", name="pk_document_version"),
    )
    op.create_index("ix_document_version_type_updated", "document_version", ["type", "updated"])
    _index_table(
        "index_text",
        [
            sa.Column("value", KEY, nullable=False),
            sa.Column("row", ROW, nullable=False),
            sa.Column("detail", KEY, nullable=False),
        ],
    )
    _index_table(
        "index_date",
        [
            sa.Column("low", sa.BigInteger, nullable=False),
            sa.Column("high", sa.BigInteger, nullable=False),
            sa.Column("row", ROW, nullable=False),
        ],
    )
    _index_table(
        "index_number",
        [
            sa.Column("low", sa.Double, nullable=False),
            sa.Column("high", sa.Double, nullable=False),
            sa.Column("row", ROW, nullable=False),
            sa.Column("system", KEY, nullable=False),
            sa.Column("code", KEY, nullable=False),
        ],
    )
    op.create_table(
        "store_note",
        sa.Column("name", KEY, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_store_note"),
    )


def _index_table(name: str, columns: list[sa.Column[object]]) -> None:
    op.create_table(
        name,
        sa.Column("param", sa.Integer, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("param", *(c.name for c in columns), name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{name}_row_param", name, ["row", "param"])
