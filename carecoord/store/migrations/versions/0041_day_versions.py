"""Every version of every day plan is kept."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0031"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")

_ROWS = {
    "stops": ("stop", ("staff", "order")),
    "pauses": ("pause", ("staff", "start")),
    "homeward": ("homeward", ("staff", "arrival")),
    "unserved": ("unserved", ("demand",)),
}


def upgrade() -> None:
    """Create the table, and write down the present version of each planned day."""
    table = op.create_table(
        "day_version",
        sa.Column("street", KEY, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("cause", KEY, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("served", sa.Integer, nullable=False),
        sa.Column("unserved", sa.Integer, nullable=False),
        sa.Column("attribution", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("elders", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("street", "day", "version", name="pk_day_version"),
    )
    bind = op.get_bind()
    known = sa.MetaData()
    known.reflect(bind, only=["day_plan", "demand", *(name for name, _ in _ROWS.values())])
    rows = [
        _version(bind, known, day)
        for day in bind.execute(sa.select(known.tables["day_plan"])).mappings().all()
    ]
    if rows:
        bind.execute(sa.insert(table), rows)


def _version(bind: sa.Connection, known: sa.MetaData, day: Any) -> dict[str, Any]:
    plan: dict[str, Any] = {"cost": json.loads(day["cost"]), "estimated": day["estimated"]}
    for name, (table_name, order) in _ROWS.items():
        table = known.tables[table_name]
        found = bind.execute(
            sa.select(table)
            .filter_by(street=day["street"], day=day["day"])
            .order_by(*(table.c[one] for one in order))
        ).mappings()
        plan[name] = [_part(one) for one in found]
    demand = known.tables["demand"]
    elders = bind.execute(
        sa.select(demand.c.id, demand.c.elder).filter_by(street=day["street"], day=day["day"])
    )
    published = day["state"] == "published"
    return {
        "street": day["street"],
        "day": day["day"],
        "version": day["version"],
        "state": day["state"],
        "cause": "publish" if published else "run",
        "by": "",
        "at": (day["published_at"] if published else None) or datetime.now(UTC),
        "reason": "",
        "based_on": day["version"] - 1,
        "source": "",
        "served": len({one["demand"] for one in plan["stops"]}),
        "unserved": len(plan["unserved"]),
        "attribution": day["attribution"],
        "plan": _canonical(plan),
        "elders": _canonical(dict(tuple(one) for one in elders)),
    }


def _part(row: Any) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name not in ("street", "day")}
    for name in ("line", "facts"):
        if name in found:
            found[name] = json.loads(found[name])
    return found


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
