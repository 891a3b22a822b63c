"""What deciding about the pins of a day needs at hand, and the two ways to treat one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from carecoord.errors import Fact
from carecoord.model import time
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.pins import Breach, VisitPin
from carecoord.planning.pace import lasts
from carecoord.planning.standins import Draft, around
from solver import MAX_COST, Pin, Visit
from solver import Shift as SolverShift


@dataclass(slots=True)
class Desk:
    """What deciding about the pins of a day needs at hand.

    names
        Staff → name, everybody of the street.
    starts
        Visit → when it begins in the plan in force.
    pins
        Those still to be placed, the earliest made first.
    apart
        Placed with stand-ins: visit → pin.
    waiting
        Visits at whose pinned start nobody can come.
    """

    draft: Draft
    names: Mapping[StaffId, str]
    starts: Mapping[DemandId, int]
    pins: dict[str, VisitPin]
    apart: dict[str, VisitPin]
    found: list[Breach]
    waiting: set[str] = field(default_factory=set)

    def blame(self, pin: VisitPin, code: str, **facts: Fact) -> None:
        self.found.append(Breach(pin.demand, code, facts))

    def name(self, staff: StaffId) -> str:
        return self.names.get(staff, staff)


def keep(draft: Draft, pin: VisitPin, worth: int | None = MAX_COST) -> None:
    """Ask the solver to keep a pin, before anything else; None = as a visit like any other."""
    visit = draft.visits[pin.demand]
    if worth is not None:
        draft.visits[pin.demand] = replace(visit, penalty=worth)
    led = draft.pins.get(pin.demand)
    draft.pins[pin.demand] = Pin(
        pin.demand,
        staff=tuple(str(s) for s in pin.carers) or (led.staff if led else ()),
        start=pin.start,
        after=pin.after if pin.after in draft.visits and pin.after not in draft.fixed else None,
        first=bool(led and led.first),
    )


def set_apart(desk: Desk, pin: VisitPin) -> None:
    """Let stand-ins make a visit as its pin says, and the carers' own day go on around it."""
    draft = desk.draft
    visit = draft.visits[pin.demand]
    start = pin.start if pin.start is not None else _wanted_start(desk, visit)
    people: dict[StaffId, str] = {}
    for who in pin.carers:
        person = draft.staff.get(who)
        end = start + (visit.duration if person is None else lasts(visit, person))
        people[who] = draft.stand_in(who, visit.id, SolverShift(start, end))
        if person is not None:
            since = max(0, start - visit.access)
            draft.staff[who] = around(person, since, end, visit.place)
            draft.spend(who, 1)
    draft.fix(visit.id, people, start)
    desk.apart[visit.id] = pin
    desk.pins.pop(visit.id, None)
    if pin.after is not None:
        desk.blame(pin, "pin.order", other=pin.after)


def _wanted_start(desk: Desk, visit: Visit) -> int:
    """When a visit whose carer alone is pinned begins: as planned, else as wished."""
    planned = desk.starts.get(DemandId(visit.id))
    if planned is not None and any(w.earliest <= planned <= w.latest for w in visit.windows):
        return planned
    return visit.preferred.earliest if visit.preferred else visit.windows[0].earliest


def span(start: int, end: int) -> str:
    """Two clock times for people."""
    return f"{time.clock(start)}-{time.clock(end)}"
