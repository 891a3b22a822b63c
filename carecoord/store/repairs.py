"""What happened on a day that its plan had to answer?"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from carecoord.model.ids import StreetId
from carecoord.model.visits import DayKey
from carecoord.store import canonical
from carecoord.store.engine import Tx
from carecoord.store.tables import day_repair


@dataclass(frozen=True, slots=True)
class Repaired:
    """One answer of a day's plan to what happened.

    version
        Of the day that answers it.
    frozen
        Seconds after 00:00 before which nothing may be planned any more.
    events
        What happened, as it was told, with what it came to.
    """

    id: str
    key: DayKey
    version: int
    frozen: int
    events: tuple[dict[str, Any], ...]
    reason: str
    by: str
    at: datetime


def add(tx: Tx, one: Repaired) -> None:
    """Keep what happened."""
    tx.execute(
        insert(day_repair).values(
            id=one.id,
            street=one.key.street,
            day=one.key.day,
            version=one.version,
            frozen=one.frozen,
            events=canonical.dumps(list(one.events)),
            reason=one.reason,
            by=one.by,
            at=one.at,
        )
    )


def on(tx: Tx, key: DayKey) -> tuple[Repaired, ...]:
    """Everything that was answered on a day, in order."""
    rows = tx.execute(
        select(day_repair)
        .filter_by(street=key.street, day=key.day)
        .order_by(day_repair.c.version, day_repair.c.at, day_repair.c.id)
    )
    return tuple(
        Repaired(
            id=row.id,
            key=DayKey(StreetId(row.street), row.day),
            version=row.version,
            frozen=row.frozen,
            events=tuple(json.loads(row.events)),
            reason=row.reason,
            by=row.by,
            at=row.at,
        )
        for row in rows
    )
