"""How is an event from the door written as a row, and read back?"""

import json
from typing import Any

from sqlalchemy import Row

from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store import canonical


def values(one: VisitEvent) -> dict[str, Any]:
    """The columns of an event."""
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
        "proof": canonical.dumps(
            {"metres": one.metres, "confirmed": one.confirmed, "items": one.items}
        ),
    }


def as_event(row: Row[Any]) -> VisitEvent:
    """The event of a row."""
    proof = json.loads(row.proof)
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
        metres=proof.get("metres"),
        confirmed=proof.get("confirmed", False),
        items=tuple(proof.get("items", ())),
    )
