"""A planned street-day for tests: two visits with their carers, and one that nobody makes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from carecoord.model.demands import VisitDemand
from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.time import instant
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.store import days, demands, documents, roster, visit_events
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from tests.build import DAY, HOUR, STREET, demand

KEY = DayKey(STREET, DAY)
RUN, TOLD = Why("run", "test"), Why("publish", "test")
C1, C2 = StaffId("c1"), StaffId("c2")


def stop(staff: str, visit: str, order: int, start: int, minutes: int = 30) -> Stop:
    """A stop ten minutes away from the one before."""
    end = start + 60 * minutes
    return Stop(StaffId(staff), DemandId(visit), order, start - 60, start, end, 600)


WANTED = (
    demand("v1", "e1", programmes=("ltci",)),
    demand("v2", "e2", carers=2),
    demand("v3", "e3"),
)
PLAN = DayPlan(
    key=KEY,
    stops=(
        stop("c1", "v1", 1, 9 * HOUR),
        stop("c1", "v2", 2, 10 * HOUR),
        stop("c2", "v2", 1, 10 * HOUR),
    ),
    pauses=(Pause(C1, 12 * HOUR, 12 * HOUR + 1800),),
    homeward=(Homeward(C1, 300, 13 * HOUR), Homeward(C2, 300, 11 * HOUR)),
    unserved=(Unserved(DemandId("v3"), "unserved.no_skill", {"skill": "N", "at_work": 2}),),
    cost={},
    estimated=True,
)


def draft(tx: Tx, plan: DayPlan = PLAN, wanted: Sequence[VisitDemand] = WANTED) -> int:
    """Plan the day without telling anybody; c1 and c2 work from 8 to 17."""
    demands.put(tx, wanted)
    shifts = {C1: [(8 * HOUR, 17 * HOUR)], C2: [(8 * HOUR, 17 * HOUR)]}
    roster.replace(tx, plan.key, shifts)
    return days.replace_plan(tx, plan, expected=days.version(tx, plan.key), why=RUN)


def published(tx: Tx, plan: DayPlan = PLAN, wanted: Sequence[VisitDemand] = WANTED) -> int:
    """Plan the day and tell people."""
    return days.publish(tx, plan.key, TOLD, expected=draft(tx, plan, wanted))


def report(
    tx: Tx, visit: str, kind: EventKind, seconds: int, staff: str = "c1", **more: Any
) -> None:
    """Something happened at the door so many seconds after midnight."""
    at = instant(DAY, seconds)
    event = VisitEvent(
        id=str(uuid4()),
        key=KEY,
        demand=DemandId(visit),
        staff=StaffId(staff),
        kind=kind,
        at=at,
        recorded_at=at + timedelta(seconds=1),
        by=staff,
        **more,
    )
    visit_events.append(tx, [event])


def shown(tx: Tx, type: str, visit: str) -> Document:  # noqa: A002 - FHIR's own word
    """The Appointment or Encounter of a visit."""
    return documents.read(tx, type, f"carecoord.{visit}")


def moved(plan: DayPlan, visit: str, seconds: int) -> DayPlan:
    """The same plan with one visit so many seconds later."""
    later = tuple(
        replace(
            one,
            arrival=one.arrival + seconds,
            start=one.start + seconds,
            end=one.end + seconds,
        )
        if one.demand == visit
        else one
        for one in plan.stops
    )
    return replace(plan, stops=later)
