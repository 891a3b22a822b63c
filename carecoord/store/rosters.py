"""Rosters made by hand: kept as they were read, each content once for its day."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from carecoord.errors import Missing
from carecoord.model.ids import StreetId
from carecoord.model.rosters import RosterPlan
from carecoord.model.visits import DayKey
from carecoord.store import canonical
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import roster_plan

_ID_LENGTH = 16


def keep(
    tx: Tx,
    key: DayKey,
    name: str,
    calls: Sequence[tuple[str, str, int]],
    *,
    at: datetime,
    by: str,
) -> tuple[RosterPlan, bool]:
    """Keep a roster, and say whether it is new: the same calls of the same day are kept once."""
    text = canonical.dumps(sorted({*calls}))
    digest = hashlib.sha256(text.encode()).hexdigest()
    hold(tx, f"roster/{key.street}/{key.day.isoformat()}")
    row = tx.execute(
        select(roster_plan).filter_by(street=key.street, day=key.day, hash=digest)
    ).one_or_none()
    if row is not None:
        return _roster(row), False
    mine = f"{key.street}/{key.day.isoformat()}/{digest}"
    id_ = hashlib.sha256(mine.encode()).hexdigest()[:_ID_LENGTH]
    tx.execute(
        insert(roster_plan).values(
            id=id_,
            street=key.street,
            day=key.day,
            name=name,
            hash=digest,
            calls=text,
            created_at=at,
            by=by,
        )
    )
    return read(tx, key, id_), True


def read(tx: Tx, key: DayKey, id_: str) -> RosterPlan:
    """One roster of a day.

    Raises
    ------
    Missing
        `roster.none`.
    """
    row = tx.execute(
        select(roster_plan).filter_by(id=id_, street=key.street, day=key.day)
    ).one_or_none()
    if row is None:
        raise Missing("roster.none", roster=id_, day=key.day.isoformat())
    return _roster(row)


def of_day(tx: Tx, street: StreetId, day: date) -> tuple[RosterPlan, ...]:
    """Rosters of a day, oldest first."""
    rows = tx.execute(
        select(roster_plan)
        .filter_by(street=street, day=day)
        .order_by(roster_plan.c.created_at, roster_plan.c.id)
    )
    return tuple(_roster(row) for row in rows)


def remove(tx: Tx, key: DayKey, id_: str) -> bool:
    """Forget a roster; whether there was one."""
    done = tx.execute(delete(roster_plan).filter_by(id=id_, street=key.street, day=key.day))
    return bool(done.rowcount)


def _roster(row: Row[Any]) -> RosterPlan:
    return RosterPlan(
        id=row.id,
        key=DayKey(StreetId(row.street), row.day),
        name=row.name,
        calls=tuple((staff, visit, start) for staff, visit, start in json.loads(row.calls)),
        created_at=row.created_at,
        by=row.by,
    )
