"""What was reported from the door: an append-only list of events."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select

from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import visit_event


def append(tx: Tx, events: Iterable[VisitEvent]) -> int:
    """Keep events that are not known yet; how many were new."""
    new = {one.id: one for one in events}
    for key in sorted({f"{e.key.street}/{e.key.day.isoformat()}" for e in new.values()}):
        # Two phones that send the same event at once: one of them waits and adds nothing.
        hold(tx, f"visit-event/{key}")
    known = tx.execute(select(visit_event.c.id).where(visit_event.c.id.in_(sorted(new))))
    for (id_,) in known.all():
        del new[id_]
    if new:
        tx.execute(insert(visit_event), [_values(one) for one in new.values()])
    return len(new)


def with_ids(tx: Tx, ids: Iterable[str]) -> tuple[VisitEvent, ...]:
    """Those of these events that are kept already."""
    wanted = sorted(ids)
    rows = tx.execute(select(visit_event).where(visit_event.c.id.in_(wanted)))
    return tuple(_event(row) for row in rows)


def on(tx: Tx, key: DayKey) -> tuple[VisitEvent, ...]:
    """Events of one street-day in the order in which they happened."""
    return between(tx, key.street, key.day, key.day)


def between(tx: Tx, street: StreetId, first: date, last: date) -> tuple[VisitEvent, ...]:
    """Events of visits planned from `first` to `last`, both included, as they happened."""
    rows = tx.execute(
        select(visit_event)
        .filter_by(street=street)
        .where(visit_event.c.day.between(first, last))
        .order_by(visit_event.c.at, visit_event.c.recorded_at, visit_event.c.id)
    )
    return tuple(_event(row) for row in rows)


def _values(one: VisitEvent) -> dict[str, Any]:
    return {
        "id": one.id,
        "street": one.key.street,
        "day": one.key.day,
        "demand": one.demand,
        "staff": one.staff,
        "kind": one.kind.value,
        "at": one.at,
        "recorded_at": one.recorded_at,
        "by": one.by,
        "note": one.note,
    }


def _event(row: Row[Any]) -> VisitEvent:
    return VisitEvent(
        id=row.id,
        key=DayKey(StreetId(row.street), row.day),
        demand=DemandId(row.demand),
        staff=StaffId(row.staff),
        kind=EventKind(row.kind),
        at=row.at,
        recorded_at=row.recorded_at,
        by=row.by,
        note=row.note,
    )
