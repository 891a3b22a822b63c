"""Who did what: rows that share the transaction of the change."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from carecoord.store.engine import Tx
from carecoord.store.many import insert_all
from carecoord.store.tables import audit


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry; `target` names a thing and says nothing about a person."""

    at: datetime
    actor: str
    organization: str
    action: str
    target: str


def append(tx: Tx, row: AuditRow) -> None:
    """Write one entry."""
    append_all(tx, [row])


def append_all(tx: Tx, rows: list[AuditRow]) -> None:
    """Write entries in order."""
    entries = [
        {
            "at": row.at,
            "actor": row.actor,
            "organization": row.organization,
            "action": row.action,
            "target": row.target,
        }
        for row in rows
    ]
    insert_all(tx, audit, entries)


def of_target(tx: Tx, target: str) -> tuple[AuditRow, ...]:
    """Entries about one thing, oldest first."""
    rows = tx.execute(select(audit).filter_by(target=target).order_by(audit.c.row))
    return tuple(
        AuditRow(row.at, row.actor, row.organization, row.action, row.target) for row in rows
    )
