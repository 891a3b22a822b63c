"""What was reported from the door: an append-only list of events."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import insert, select

from carecoord.model.events import VisitEvent
from carecoord.model.ids import StreetId
from carecoord.model.visits import DayKey
from carecoord.store import projections
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.event_rows import as_event, values
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
        tx.execute(insert(visit_event), [values(one) for one in new.values()])
        projections.of_visits(tx, {one.demand for one in new.values()})
    return len(new)


def with_ids(tx: Tx, ids: Iterable[str]) -> tuple[VisitEvent, ...]:
    """Those of these events that are kept already."""
    wanted = sorted(ids)
    rows = tx.execute(select(visit_event).where(visit_event.c.id.in_(wanted)))
    return tuple(as_event(row) for row in rows)


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
    return tuple(as_event(row) for row in rows)
