"""What is reported from the door, and how far each visit of a day is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Missing
from carecoord.flows import register
from carecoord.model import time
from carecoord.model.events import EventKind, Progress, VisitEvent, progress
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store import day_versions, visit_events
from carecoord.store.engine import Tx

_AHEAD = timedelta(minutes=10)
"""How far the clock of a phone may go ahead of ours."""


@dataclass(frozen=True, slots=True)
class Report:
    """One fact as a phone sends it; `id` is a UUID of its own, `at` an aware instant.

    metres, confirmed, items
        What proves the visit, as in `VisitEvent`.
    """

    id: str
    demand: DemandId
    staff: StaffId
    kind: EventKind
    at: datetime
    note: str = ""
    metres: int | None = None
    confirmed: bool = False
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """How many of the reports were new, and how many had been sent before."""

    new: int
    known: int


def report(
    tx: Tx, caller: Caller, street: StreetId, day: date, reports: Sequence[Report]
) -> Received:
    """Keep what happened at the door: all of it, or nothing when one entry is wrong.

    Reports may come late and in any order; one that was sent before changes nothing.

    Raises
    ------
    Missing
        `door.visit`, `door.staff`: no such visit on that day, no such person in the street.
    Invalid
        `door.future`: it has not happened yet; `event.zone`.
    Conflict
        `door.differs`: that id was sent before with other facts.
    """
    require(caller, "door.write", street)
    key = DayKey(street, day)
    people = set(register.practitioner_roles(tx, register.street(tx, street)).values())
    visits = day_versions.elders(tx, key)
    now = time.now()
    events: dict[str, VisitEvent] = {}
    for row, one in enumerate(reports):
        at = f"/events/{row}"
        if one.demand not in visits:
            raise Missing("door.visit", field=f"{at}/visit", visit=one.demand, day=day.isoformat())
        if one.staff not in people:
            raise Missing("door.staff", field=f"{at}/staff", staff=one.staff, street=street)
        if one.at.tzinfo is None:
            raise Invalid("event.zone", field=f"{at}/at")
        if one.at > now + _AHEAD:
            raise Invalid("door.future", field=f"{at}/at", at=one.at.isoformat())
        event = VisitEvent(
            id=one.id,
            key=key,
            demand=one.demand,
            staff=one.staff,
            kind=one.kind,
            at=one.at,
            recorded_at=now,
            by=caller.id,
            note=one.note,
            metres=one.metres,
            confirmed=one.confirmed,
            items=one.items,
        )
        before = events.setdefault(one.id, event)
        if _facts(before) != _facts(event):
            raise Conflict("door.differs", field=f"{at}/id", id=one.id)
    for known in visit_events.with_ids(tx, events):
        if _facts(known) != _facts(events[known.id]):
            row = next(k for k, one in enumerate(reports) if one.id == known.id)
            raise Conflict("door.differs", field=f"/events/{row}/id", id=known.id)
    new = visit_events.append(tx, events.values())
    if new:
        audit.record(tx, caller, "door.report", f"{street}/{day.isoformat()}+{new}")
    return Received(new, len(reports) - new)


def reported(tx: Tx, caller: Caller, street: StreetId, day: date) -> tuple[VisitEvent, ...]:
    """Everything that was reported about a day, as it happened."""
    require(caller, "day.read", street)
    register.street(tx, street)
    return visit_events.on(tx, DayKey(street, day))


def progress_of(events: Sequence[VisitEvent]) -> Mapping[DemandId, Progress]:
    """Visit → how far it is: finished when somebody finished it, else what happened last."""
    by_visit: dict[DemandId, list[VisitEvent]] = defaultdict(list)
    for one in events:
        by_visit[one.demand].append(one)
    return {demand: progress(many) for demand, many in sorted(by_visit.items())}


def _facts(one: VisitEvent) -> tuple[object, ...]:
    said = (one.key, one.demand, one.staff, one.kind, one.at, one.note)
    return *said, one.metres, one.confirmed, one.items
