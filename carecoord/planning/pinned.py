"""Which pins can be kept, and what of the day is left for the others? Pure.

A pin that the hard facts forbid is kept all the same: a stand-in makes the visit as the person
wanted it, the carer's own day goes on around it, and the breach is reported with its rule and
numbers. Everything else is planned as if nothing were wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import solver
from carecoord.errors import Fact
from carecoord.model import time
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.pins import Breach, VisitPin, first_decided
from carecoord.model.visits import DayPlan, Stop, Unserved
from carecoord.planning.standins import Draft, around, cut
from solver import (
    MAX_COST,
    UNREACHABLE,
    Link,
    Options,
    Pin,
    ProblemError,
    Solution,
    Visit,
    suggest,
)
from solver import Shift as SolverShift
from solver import Staff as SolverStaff

_SEARCH = Options(seconds=10, iterations=400, seed=1)
"""Finds out which pins go together; a step limit, so that the answer is always the same."""


@dataclass(slots=True)
class _Desk:
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
    desk = _Desk(draft, names, starts, {}, {}, [])
    gone = {one.demand for one in kept_out}
    for pin in first_decided(pins):
        if pin.demand in draft.fixed:
            _happened(desk, pin, [s for s in past if s.demand == pin.demand])
        elif pin.demand in gone:
            desk.blame(pin, "pin.kept_out")
        elif pin.demand in draft.visits:
            desk.pins[pin.demand] = pin
    _alone(desk)
    _together(desk)
    _orders(desk)
    for pin in desk.pins.values():
        _keep(draft, pin)
        _against_wishes(desk, pin)
    _same_people(draft)
    _tie(draft)
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


def _happened(desk: _Desk, pin: VisitPin, stops: Sequence[Stop]) -> None:
    """A visit that has begun otherwise than its pin says."""
    who, start = {s.staff for s in stops}, min(s.start for s in stops)
    if (pin.carers and set(pin.carers) != who) or (pin.start is not None and pin.start != start):
        people = ", ".join(sorted(desk.name(s) for s in who))
        desk.blame(pin, "pin.past", name=people, start=time.clock(start))


# ---- each pin for itself ----


def _alone(desk: _Desk) -> None:
    for pin in list(desk.pins.values()):
        fault = _fault(desk, pin)
        if fault is not None:
            code, facts = fault
            desk.blame(pin, code, **facts)
            _set_apart(desk, pin)


def _fault(desk: _Desk, pin: VisitPin) -> tuple[str, dict[str, Fact]] | None:
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
    last = shift.latest_return - back - visit.duration
    if start is not None:
        return first <= start <= last
    return any(max(w.earliest, first) <= min(w.latest, last) for w in visit.windows)


def _outside(
    person: SolverStaff, visit: Visit, start: int | None, name: str
) -> tuple[str, dict[str, Fact]]:
    shifts = ", ".join(_span(s.start, s.latest_return) for s in person.shifts)
    if start is None:
        windows = ", ".join(_span(w.earliest, w.latest) for w in visit.windows)
        return "pin.shift_windows", {"name": name, "windows": windows, "shifts": shifts}
    end = start + visit.duration
    facts: dict[str, Fact] = {"name": name, "start": time.clock(start), "end": time.clock(end)}
    if not any(s.start <= start and end <= s.latest_return for s in person.shifts):
        return "pin.outside_shift", facts | {"shifts": shifts}
    return "pin.no_way", facts | {"shifts": shifts}


def _span(start: int, end: int) -> str:
    return f"{time.clock(start)}-{time.clock(end)}"


# ---- pins among each other ----


def _together(desk: _Desk) -> None:
    """Set apart as few pins as keep the rest possible, the ones made last first."""
    # Each round sets something apart, so there are no more rounds than pins.
    while True:
        lost = _unplaced(desk, orders=False)
        if not lost:
            return
        for id_ in lost:
            pin = desk.pins[id_]
            clash = _clash(desk, pin)
            if clash is not None:
                code, facts = clash
                desk.blame(pin, code, **facts)
            if pin.carers:
                _set_apart(desk, pin)
            else:
                # Nobody is named: the visit keeps its start and waits for somebody who can come.
                if pin.after is not None:
                    desk.blame(pin, "pin.order", other=pin.after)
                _keep(desk.draft, replace(pin, after=None), worth=None)
                del desk.pins[id_]
                desk.waiting.add(id_)


def _unplaced(desk: _Desk, *, orders: bool) -> list[str]:
    """Pinned visits that find no place when nothing but pins and what has happened is planned."""
    trial = _trial(desk, orders=orders)
    if trial is None:
        return []
    problem = trial.problem()
    # By its module: the search is loaded when somebody needs it, not with the pages.
    found = solver.solve(problem, _SEARCH)
    for one in sorted(u.visit for u in found.unserved):
        offers = suggest(problem, found, one, top=1)
        if offers:
            routes = {(r.staff, r.shift): r for r in found.routes}
            routes |= {(r.staff, r.shift): r for r in offers[0].routes}
            rest = tuple(u for u in found.unserved if u.visit != one)
            found = Solution(tuple(routes.values()), rest, {})
    return sorted(u.visit for u in found.unserved if u.visit in desk.pins)


def _trial(desk: _Desk, *, orders: bool) -> Draft | None:
    """A day with nothing but the pinned visits; an earlier pin is worth more than a later one."""
    asked = {k: p for k, p in desk.pins.items() if orders or p.carers or p.start is not None}
    leaders = {p.after for p in asked.values() if p.after} if orders else set()
    wanted = [v for v in desk.draft.visits if v in asked or v in leaders]
    if not wanted:
        return None
    named = {who for p in asked.values() for who in p.carers}
    free = any(not p.carers for p in asked.values()) or bool(leaders)
    trial = Draft(
        visits={v: desk.draft.visits[v] for v in wanted},
        staff={
            id_: replace(one, cost_use=0)
            for id_, one in desk.draft.staff.items()
            if id_ not in desk.draft.stand_ins and (free or id_ in named)
        },
        travel=desk.draft.travel,
        links=[k for k in desk.draft.links if {k.first, k.second} <= set(wanted)],
    )
    for age, pin in enumerate(asked.values()):
        _keep(trial, pin if orders else replace(pin, after=None), worth=MAX_COST - 1000 * age)
    for leader in leaders - asked.keys():
        visit = trial.visits.get(leader or "")
        if visit is not None:
            trial.visits[visit.id] = replace(visit, penalty=MAX_COST // 10)
    if orders:
        _tie(trial)
    return trial


def _keep(draft: Draft, pin: VisitPin, worth: int | None = MAX_COST) -> None:
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


def _set_apart(desk: _Desk, pin: VisitPin) -> None:
    """Let stand-ins make a visit as its pin says, and the carers' own day go on around it."""
    draft = desk.draft
    visit = draft.visits[pin.demand]
    start = pin.start if pin.start is not None else _wanted_start(desk, visit)
    shift = SolverShift(start, start + visit.duration)
    people: dict[StaffId, str] = {}
    for who in pin.carers:
        people[who] = draft.stand_in(who, visit.id, shift)
        person = draft.staff.get(who)
        if person is not None:
            since = max(0, start - visit.access)
            draft.staff[who] = around(person, since, start + visit.duration, visit.place)
            draft.spend(who, 1)
    draft.fix(visit.id, people, start)
    desk.apart[visit.id] = pin
    desk.pins.pop(visit.id, None)
    if pin.after is not None:
        desk.blame(pin, "pin.order", other=pin.after)


def _wanted_start(desk: _Desk, visit: Visit) -> int:
    """When a visit whose carer alone is pinned begins: as planned, else as wished."""
    planned = desk.starts.get(DemandId(visit.id))
    if planned is not None and any(w.earliest <= planned <= w.latest for w in visit.windows):
        return planned
    return visit.preferred.earliest if visit.preferred else visit.windows[0].earliest


def _clash(desk: _Desk, pin: VisitPin) -> tuple[str, dict[str, Fact]] | None:
    """What keeps a pin from being met beside the others; None: another one is to blame already."""
    visit = desk.draft.visits[pin.demand]
    if pin.start is None:
        names = ", ".join(desk.name(s) for s in pin.carers)
        count = sum(1 for p in desk.pins.values() if set(p.carers) & set(pin.carers))
        return "pin.full", {"name": names, "pins": count}
    start, end = pin.start, pin.start + visit.duration
    facts: dict[str, Fact] = {"start": time.clock(start), "end": time.clock(end)}
    if not pin.carers:
        return "pin.nobody", facts
    for other, who, a, b in _others(desk, pin):
        if a < end and start < b:
            if other in desk.apart:
                return None
            more: dict[str, Fact] = {"other": other, "other_start": time.clock(a)}
            more |= {"name": desk.name(who), "other_end": time.clock(b)}
            return "pin.overlaps", facts | more
    for other, who, a, b in _others(desk, pin):
        person = desk.draft.staff[who]
        here, there = visit.place, desk.draft.place(other)
        way = desk.draft.travel[person.mode]
        needed, spare = (
            (int(way[there, here]), start - visit.access - b)
            if b <= start
            else (int(way[here, there]), a - desk.draft.visits[other].access - end)
        )
        if needed > spare:
            if other in desk.apart:
                return None
            minutes = -(-needed // 60) if needed < UNREACHABLE else 0
            gap: dict[str, Fact] = {"other": other, "needed": minutes, "spare": max(0, spare) // 60}
            return "pin.too_far", facts | gap | {"name": desk.name(who)}
    names = ", ".join(desk.name(s) for s in pin.carers)
    count = sum(1 for p in desk.pins.values() if set(p.carers) & set(pin.carers))
    return "pin.full", {"name": names, "pins": count}


def _others(desk: _Desk, pin: VisitPin) -> Iterator[tuple[str, StaffId, int, int]]:
    """Other visits pinned to one of the same people at a start: visit, person, start, end."""
    everyone: list[VisitPin] = [*desk.pins.values(), *desk.apart.values()]
    for other in everyone:
        shared = [s for s in other.carers if s in pin.carers and s in desk.draft.staff]
        if other.demand != pin.demand and other.start is not None and shared:
            long = desk.draft.visits[other.demand].duration
            yield other.demand, shared[0], other.start, other.start + long


# ---- order, and what is kept against a wish ----


def _orders(desk: _Desk) -> None:
    """Which orders can be kept; the visit itself keeps carer and start in any case."""
    draft = desk.draft
    leads: dict[str, str] = {}
    for pin in list(desk.pins.values()):
        if pin.after is None:
            continue
        refused = (
            pin.after not in draft.visits
            or pin.after in desk.waiting
            or pin.after in leads.values()
            or draft.visits[pin.demand].carers > draft.visits[pin.after].carers
            or _circle(leads, pin.demand, pin.after)
            or _leads_to(draft, pin.demand, pin.after)
        )
        if not refused and pin.after in draft.fixed:
            refused = not _follows_past(draft, pin)
        elif not refused:
            leads[pin.demand] = pin.after
            desk.pins[pin.demand] = pin
            refused = _contradicted(_only(desk, leads))
        if refused:
            leads.pop(pin.demand, None)
            desk.blame(pin, "pin.order", other=pin.after)
            desk.pins[pin.demand] = replace(pin, after=None)


def _same_people(draft: Draft) -> None:
    """Whoever is named for a visit makes the one directly before it, too, and the other way."""
    # Along a chain names pass one visit at a time.
    for _ in list(draft.pins):
        for pin in list(draft.pins.values()):
            before = draft.pins.get(pin.after or "", Pin(pin.after or pin.visit))
            if (
                pin.after is None
                or draft.visits[pin.after].carers != draft.visits[pin.visit].carers
            ):
                continue
            if pin.staff and not before.staff:
                draft.pins[before.visit] = replace(before, staff=pin.staff)
            elif before.staff and not pin.staff:
                draft.pins[pin.visit] = replace(pin, staff=before.staff)


def _tie(draft: Draft) -> None:
    """Place a visit together with the one directly before it: a search moves both at once."""
    linked = {frozenset((k.first, k.second)) for k in draft.links}
    for pin in draft.pins.values():
        if pin.after is not None and frozenset((pin.visit, pin.after)) not in linked:
            before = draft.visits[pin.after]
            same = before.carers == draft.visits[pin.visit].carers
            draft.links.append(
                Link(pin.after, pin.visit, before.duration, None, "same" if same else "any")
            )


def _only(desk: _Desk, leads: Mapping[str, str]) -> _Desk:
    """The same pins with these orders alone."""
    pins = {k: p if k in leads else replace(p, after=None) for k, p in desk.pins.items()}
    return replace(desk, pins=pins)


def _contradicted(desk: _Desk) -> bool:
    """Whether some pinned visit finds no place any more with these orders."""
    try:
        return bool(_unplaced(desk, orders=True))
    except ProblemError:
        # The visits are linked the other way round.
        return True


def _circle(leads: Mapping[str, str], visit: str, after: str) -> bool:
    here: str | None = after
    while here is not None:
        if here == visit:
            return True
        here = leads.get(here)
    return False


def _leads_to(draft: Draft, first: str, last: str) -> bool:
    """Whether links ask one visit to come before another."""
    ahead, seen = [first], {first}
    while ahead:
        here = ahead.pop()
        for link in draft.links:
            if link.first == here and link.second not in seen:
                seen.add(link.second)
                ahead.append(link.second)
    return last in seen


def _follows_past(draft: Draft, pin: VisitPin) -> bool:
    """Directly after something that has happened: first of what is left of those people's day."""
    led = draft.pins[pin.after or ""]
    who = tuple(draft.stand_ins[s] for s in led.staff)
    visit = draft.visits[pin.demand]
    if len(who) != visit.carers or (pin.carers and set(pin.carers) != set(who)):
        return False
    before = draft.visits[pin.after or ""]
    here = before.place
    windows = cut(visit.windows, before.windows[0].earliest + before.duration, None)
    if not windows or not all(
        s in draft.staff and any(x.start_place == here for x in draft.staff[s].shifts) for s in who
    ):
        return False
    draft.visits[pin.demand] = replace(visit, windows=windows)
    draft.pins[pin.demand] = Pin(pin.demand, staff=tuple(str(s) for s in who), first=True)
    return True


def _against_wishes(desk: _Desk, pin: VisitPin) -> None:
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
        windows = ", ".join(_span(w.earliest, w.latest) for w in visit.windows)
        desk.blame(pin, "pin.window", start=time.clock(pin.start), windows=windows)
