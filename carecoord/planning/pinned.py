"""Which pins can be kept, and what of the day is left for the others? Pure.

A pin that the hard facts forbid is kept all the same: a stand-in makes the visit as the person
wanted it, the carer's own day goes on around it, and the breach is reported with its rule and
numbers. Everything else is planned as if nothing were wrong.
"""

from collections.abc import Mapping, Sequence

from carecoord.errors import Fact
from carecoord.model import time
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.pins import Breach, VisitPin, first_decided
from carecoord.model.visits import DayPlan, Stop, Unserved
from carecoord.planning.pace import lasts
from carecoord.planning.pin_desk import Desk, keep, set_apart, span
from carecoord.planning.pinned_order import orders_kept, same_people
from carecoord.planning.pinned_together import tie, together
from carecoord.planning.standins import Draft
from solver import UNREACHABLE, Visit
from solver import Shift as SolverShift
from solver import Staff as SolverStaff


def hold(
    draft: Draft,
    pins: Sequence[VisitPin],
    past: Sequence[Stop],
    kept_out: Sequence[Unserved],
    names: Mapping[StaffId, str],
    starts: Mapping[DemandId, int],
) -> tuple[Breach, ...]:
    """Take pins into a problem; those that a rule forbids, by visit.

    Parameters
    ----------
    past
        Stops that have happened: a pin on them fixes nothing any more.
    kept_out
        Visits that are not planned at all.
    names
        Staff → name, everybody of the street.
    starts
        Visit → start in the plan in force: what a pin without a start keeps if it can.
    """
    if not pins:
        return ()
    desk = Desk(draft, names, starts, {}, {}, [])
    gone = {one.demand for one in kept_out}
    for pin in first_decided(pins):
        if pin.demand in draft.fixed:
            _happened(desk, pin, [s for s in past if s.demand == pin.demand])
        elif pin.demand in gone:
            desk.blame(pin, "pin.kept_out")
        elif pin.demand in draft.visits:
            desk.pins[pin.demand] = pin
    _alone(desk)
    together(desk)
    orders_kept(desk)
    for pin in desk.pins.values():
        keep(draft, pin)
        _against_wishes(desk, pin)
    same_people(draft)
    tie(draft)
    return tuple(sorted(desk.found, key=lambda b: (b.demand, b.code)))


def unmet(
    pins: Sequence[VisitPin], plan: DayPlan, breaches: Sequence[Breach]
) -> tuple[Breach, ...]:
    """Pins that a plan does not keep and that nobody has reported: the search has missed them."""
    blamed = {one.demand for one in breaches}
    stops: dict[str, list[Stop]] = {}
    for stop in plan.stops:
        stops.setdefault(stop.demand, []).append(stop)
    before = {(s.staff, s.order): s.demand for s in plan.stops}
    missed = []
    for pin in pins:
        made = stops.get(pin.demand, [])
        kept = bool(made) and (
            (not pin.carers or {s.staff for s in made} == set(pin.carers))
            and (pin.start is None or made[0].start == pin.start)
            and (
                pin.after is None
                or all(before.get((s.staff, s.order - 1)) == pin.after for s in made)
            )
        )
        if not kept and pin.demand not in blamed:
            missed.append(Breach(pin.demand, "pin.unmet"))
    return tuple(missed)


def _happened(desk: Desk, pin: VisitPin, stops: Sequence[Stop]) -> None:
    """A visit that has begun otherwise than its pin says."""
    who, start = {s.staff for s in stops}, min(s.start for s in stops)
    if (pin.carers and set(pin.carers) != who) or (pin.start is not None and pin.start != start):
        people = ", ".join(sorted(desk.name(s) for s in who))
        desk.blame(pin, "pin.past", name=people, start=time.clock(start))


def _alone(desk: Desk) -> None:
    for pin in list(desk.pins.values()):
        fault = _fault(desk, pin)
        if fault is not None:
            code, facts = fault
            desk.blame(pin, code, **facts)
            set_apart(desk, pin)


def _fault(desk: Desk, pin: VisitPin) -> tuple[str, dict[str, Fact]] | None:
    """Why a pin could not be kept even if there were no other visit."""
    visit = desk.draft.visits[pin.demand]
    if not pin.carers:
        return None
    if len(pin.carers) != visit.carers:
        return "pin.carers", {"given": len(pin.carers), "carers": visit.carers}
    for who in pin.carers:
        name = desk.name(who)
        person = desk.draft.staff.get(who)
        if person is None:
            code = "pin.not_bookable" if who in desk.names else "pin.unknown"
            return code, {"name": name}
        if not person.shifts:
            return "pin.absent", {"name": name}
        if not any(_fits(desk.draft, person, s, visit, pin.start) for s in person.shifts):
            return _outside(person, visit, pin.start, name)
    return None


def _fits(
    draft: Draft, person: SolverStaff, shift: SolverShift, visit: Visit, start: int | None
) -> bool:
    """Whether a shift could make this visit if it had nothing else to do; breaks left out."""
    way = draft.travel[person.mode]
    there = 0 if shift.start_place is None else int(way[shift.start_place, visit.place])
    back = 0 if shift.end_place is None else int(way[visit.place, shift.end_place])
    if UNREACHABLE in (there, back):
        return False
    first = shift.start + there + visit.access
    last = shift.latest_return - back - lasts(visit, person)
    if start is not None:
        return first <= start <= last
    return any(max(w.earliest, first) <= min(w.latest, last) for w in visit.windows)


def _outside(
    person: SolverStaff, visit: Visit, start: int | None, name: str
) -> tuple[str, dict[str, Fact]]:
    shifts = ", ".join(span(s.start, s.latest_return) for s in person.shifts)
    if start is None:
        windows = ", ".join(span(w.earliest, w.latest) for w in visit.windows)
        return "pin.shift_windows", {"name": name, "windows": windows, "shifts": shifts}
    end = start + lasts(visit, person)
    facts: dict[str, Fact] = {"name": name, "start": time.clock(start), "end": time.clock(end)}
    if not any(s.start <= start and end <= s.latest_return for s in person.shifts):
        return "pin.outside_shift", facts | {"shifts": shifts}
    return "pin.no_way", facts | {"shifts": shifts}


def _against_wishes(desk: Desk, pin: VisitPin) -> None:
    """Pins that can be kept, but not without breaking a rule about the visit itself."""
    visit = desk.draft.visits[pin.demand]
    for who in pin.carers:
        have = desk.draft.staff[who].skills
        short = [name for name, level in visit.skills.items() if have.get(name, 0) < level]
        if short:
            desk.blame(pin, "pin.level", name=desk.name(who), level=", ".join(short))
    if pin.start is not None and not any(
        w.earliest <= pin.start <= w.latest for w in visit.windows
    ):
        windows = ", ".join(span(w.earliest, w.latest) for w in visit.windows)
        desk.blame(pin, "pin.window", start=time.clock(pin.start), windows=windows)
