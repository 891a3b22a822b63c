"""Judge a plan: is it possible, and what does it cost? Works from the routes alone.

Deliberately shares no code with the search: it reads the problem's own values, walks each route
once and recomputes everything, so that a fault of the search cannot hide in a shared helper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from solver.options import Options, Weights
from solver.plan import Pause, Route, Solution, Stop
from solver.types import UNREACHABLE, Pin, Problem, Shift, Staff, Visit

__all__ = ["Verdict", "Violation", "check"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: the rule's name, a stable code and the values that show it."""

    rule: str
    code: str
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found; `cost` has one entry per rule of cost, zeros included."""

    violations: tuple[Violation, ...]
    cost: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """No rule is broken."""
        return not self.violations

    @property
    def total(self) -> int:
        """Sum of the cost of all rules."""
        return sum(self.cost.values())


@dataclass(slots=True)
class _Desk:
    """What the judge keeps while reading one plan."""

    problem: Problem
    weights: Weights
    found: list[Violation] = field(default_factory=list)
    cost: Counter[str] = field(default_factory=Counter)
    visits: dict[str, Visit] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    pins: dict[str, Pin] = field(default_factory=dict)
    made: dict[str, list[tuple[str, Stop]]] = field(default_factory=dict)
    roads: Counter[str] = field(default_factory=Counter)

    def blame(self, broken: str, code: str, **facts: str | int) -> None:
        self.found.append(Violation(broken, code, facts))


RULES = (
    "unserved",
    "overtime",
    "late",
    "early",
    "largest_late",
    "travel",
    "waiting",
    "staff",
    "continuity",
    "preference",
    "area",
    "duty",
    "distance",
    "load",
    "hard",
    "change",
)


def check(problem: Problem, solution: Solution, options: Options | None = None) -> Verdict:
    """Recompute every hard rule and every cost of `solution`.

    Also compares the solution's own `cost` when it has one. Never raises on a broken plan: what
    is wrong is a violation.
    """
    desk = _Desk(problem, (options or Options()).weights)
    desk.visits = {v.id: v for v in problem.visits}
    desk.staff = {s.id: s for s in problem.staff}
    desk.pins = {p.visit: p for p in problem.pins}
    desk.cost.update(dict.fromkeys(RULES, 0))
    if _readable(desk, solution):
        for route in solution.routes:
            _route(desk, route)
        judges: tuple[Callable[[_Desk, Solution], None], ...] = (
            _served,
            _starts,
            _people,
            _links,
            _orders,
            _apart,
            _workload,
            _changes,
        )
        for judge in judges:
            judge(desk, solution)
        if solution.cost and dict(solution.cost) != dict(desk.cost):
            wrong = [r for r in RULES if solution.cost.get(r, 0) != desk.cost[r]]
            name = wrong[0] if wrong else "unknown"
            desk.blame(
                "cost",
                "cost.differs",
                rule=name,
                stated=solution.cost.get(name, 0),
                found=desk.cost[name],
            )
    return Verdict(tuple(desk.found), dict(desk.cost))


def _readable(desk: _Desk, solution: Solution) -> bool:
    """Names and shapes; without them nothing else can be read."""
    before = len(desk.found)
    seen: set[tuple[str, int]] = set()
    for route in solution.routes:
        staff = desk.staff.get(route.staff)
        if staff is None or not 0 <= route.shift < len(staff.shifts):
            desk.blame("routes", "route.unknown", staff=route.staff, shift=route.shift)
            continue
        if (route.staff, route.shift) in seen:
            desk.blame("routes", "route.twice", staff=route.staff, shift=route.shift)
        seen.add((route.staff, route.shift))
        if not route.stops:
            desk.blame("routes", "route.empty", staff=route.staff, shift=route.shift)
        for stop in route.stops:
            if stop.visit not in desk.visits:
                desk.blame("routes", "visit.unknown", visit=stop.visit)
            else:
                desk.made.setdefault(stop.visit, []).append((route.staff, stop))
    for gone in solution.unserved:
        if gone.visit not in desk.visits:
            desk.blame("routes", "visit.unknown", visit=gone.visit)
    return len(desk.found) == before


def _route(desk: _Desk, route: Route) -> None:
    """Walk one route: times, travel, breaks, shift."""
    staff = desk.staff[route.staff]
    shift = staff.shifts[route.shift]
    travel = desk.problem.travel[staff.mode]
    pauses = sorted(route.pauses, key=lambda p: p.start)
    _breaks(desk, route, shift, pauses)
    if route.departure < shift.start:
        desk.blame("hours", "shift.early", staff=staff.id, at=route.departure, start=shift.start)
    clock, here, group = route.departure, shift.start_place, None
    way_total = access_total = metres = 0
    for stop in route.stops:
        visit = desk.visits[stop.visit]
        way = 0 if here is None else int(travel[here, visit.place])
        if way == UNREACHABLE:
            desk.blame("travel", "travel.none", staff=staff.id, visit=visit.id)
            way = 0
        metres += _metres(desk, staff, here, visit.place)
        _long_leg(desk, staff, visit.id, way)
        access = 0 if visit.group is not None and visit.group == group else visit.access
        _leg(desk, route, stop, visit, clock, way, access, pauses)
        way_total, access_total = way_total + way, access_total + access
        clock, here, group = stop.end, visit.place, visit.group
    way = 0
    if here is not None and shift.end_place is not None:
        way = int(travel[here, shift.end_place])
        if way == UNREACHABLE:
            desk.blame("travel", "travel.none", staff=staff.id, visit="end")
            way = 0
        metres += _metres(desk, staff, here, shift.end_place)
        _long_leg(desk, staff, "end", way)
    goods = sum(desk.visits[s.visit].goods for s in route.stops)
    if shift.capacity is not None and goods > shift.capacity:
        desk.blame("goods", "shift.goods", staff=staff.id, goods=goods, capacity=shift.capacity)
    resting = _resting(pauses, clock, route.finish)
    if route.finish < clock + way + resting:
        desk.blame(
            "travel",
            "travel.short",
            staff=staff.id,
            visit="end",
            left=clock,
            way=way,
            at=route.finish,
        )
    if route.finish > shift.latest_return:
        desk.blame("hours", "shift.late", staff=staff.id, at=route.finish, end=shift.latest_return)
    working = sum(_lasts(desk.visits[s.visit], staff) for s in route.stops)
    duty = route.finish - route.departure - _resting(pauses, route.departure, route.finish)
    idle = duty - way_total - way - access_total - working
    desk.roads[staff.id] += way_total + way
    desk.cost["duty"] += staff.cost_hour * max(0, duty) // 3600
    desk.cost["distance"] += staff.cost_km * metres // 1000
    desk.cost["travel"] += desk.weights.travel * (way_total + way)
    desk.cost["waiting"] += desk.weights.waiting * max(0, idle)
    desk.cost["overtime"] += desk.weights.overtime * max(0, route.finish - shift.end)


def _lasts(visit: Visit, staff: Staff) -> int:
    """Seconds this carer takes for a visit."""
    if staff.id in visit.duration_by:
        return visit.duration_by[staff.id]
    able = [p.duration for p in visit.paces if staff.skills.get(p.skill, 0) >= p.level]
    return min(able, default=visit.duration)


def _metres(desk: _Desk, staff: Staff, here: int | None, there: int) -> int:
    if here is None or not staff.cost_km:
        return 0
    return int(desk.problem.metres[staff.mode][here, there])


def _long_leg(desk: _Desk, staff: Staff, to: str, way: int) -> None:
    if staff.max_leg is not None and way > staff.max_leg:
        desk.blame("travel", "staff.leg", staff=staff.id, visit=to, way=way, most=staff.max_leg)


def _leg(
    desk: _Desk,
    route: Route,
    stop: Stop,
    visit: Visit,
    left: int,
    way: int,
    access: int,
    pauses: list[Pause],
) -> None:
    """From leaving the last place at `left` to the end of this service."""
    facts: dict[str, str | int] = {"staff": route.staff, "visit": visit.id}
    if stop.end != stop.start + _lasts(visit, desk.staff[route.staff]):
        desk.blame("duration", "visit.duration", **facts, start=stop.start, end=stop.end)
    if stop.arrival < left + way or stop.start < stop.arrival + access:
        desk.blame(
            "travel",
            "travel.short",
            **facts,
            left=left,
            way=way,
            access=access,
            at=stop.arrival,
            start=stop.start,
        )
    elif stop.start < left + way + access + _resting(pauses, left, stop.start):
        desk.blame("breaks", "break.travel", **facts, left=left, start=stop.start)
    for pause in pauses:
        if pause.start < stop.end and stop.start < pause.end:
            desk.blame("breaks", "break.visit", **facts, start=pause.start, end=pause.end)


def _resting(pauses: list[Pause], since: int, until: int) -> int:
    """Seconds of the breaks that touch (since, until)."""
    return sum(
        min(p.end, until) - max(p.start, since) for p in pauses if p.start < until and since < p.end
    )


def _breaks(desk: _Desk, route: Route, shift: Shift, pauses: list[Pause]) -> None:
    if sorted(p.index for p in pauses) != list(range(len(shift.breaks))):
        desk.blame(
            "breaks",
            "break.missing",
            staff=route.staff,
            planned=len(pauses),
            asked=len(shift.breaks),
        )
        return
    for pause in pauses:
        asked = shift.breaks[pause.index]
        if not asked.earliest <= pause.start <= asked.latest:
            desk.blame(
                "breaks",
                "break.window",
                staff=route.staff,
                start=pause.start,
                earliest=asked.earliest,
                latest=asked.latest,
            )
        if pause.end - pause.start != asked.duration:
            desk.blame(
                "breaks", "break.duration", staff=route.staff, start=pause.start, end=pause.end
            )
        # A break half inside the working time would be neither rest nor spare time.
        for edge in (route.departure, route.finish):
            if pause.start < edge < pause.end:
                desk.blame("breaks", "break.edge", staff=route.staff, start=pause.start, at=edge)


def _served(desk: _Desk, solution: Solution) -> None:
    """Every visit is made by exactly its number of people, or listed as unserved."""
    listed = Counter(u.visit for u in solution.unserved)
    for visit in desk.problem.visits:
        people = [who for who, _ in desk.made.get(visit.id, [])]
        if listed[visit.id] > 1 or (people and listed[visit.id]):
            desk.blame("served", "visit.listed", visit=visit.id, listed=listed[visit.id])
        if people and (len(people) != visit.carers or len(set(people)) != len(people)):
            desk.blame(
                "together",
                "visit.carers",
                visit=visit.id,
                asked=visit.carers,
                given=len(set(people)),
                stops=len(people),
            )
        if not people and not listed[visit.id]:
            desk.blame("served", "visit.lost", visit=visit.id)
        if not people:
            desk.cost["unserved"] += _unserved_cost(desk.weights, visit)


def _unserved_cost(weights: Weights, visit: Visit) -> int:
    if visit.penalty is not None:
        return visit.penalty
    each = weights.unserved_mandatory if visit.mandatory else weights.unserved_optional
    due = 0 if visit.due is None else weights.unserved_due // (1 + visit.due)
    return each * (1 + visit.priority) + due


def _starts(desk: _Desk, solution: Solution) -> None:  # noqa: ARG001
    """One start per visit, inside a window or at its pin; lateness and earliness."""
    largest = 0
    for id_, stops in desk.made.items():
        visit, pin = desk.visits[id_], desk.pins.get(id_)
        start = stops[0][1].start
        if any(stop.start != start for _, stop in stops):
            desk.blame("together", "visit.starts", visit=id_)
        if pin is not None and pin.start is not None:
            if start != pin.start:
                desk.blame("pins", "pin.start", visit=id_, start=start, pinned=pin.start)
        elif not any(w.earliest <= start <= w.latest for w in visit.windows):
            desk.blame("windows", "visit.window", visit=id_, start=start)
        if visit.preferred is not None:
            late = max(0, start - visit.preferred.latest)
            early = max(0, visit.preferred.earliest - start)
            desk.cost["late"] += desk.weights.late * late
            desk.cost["early"] += desk.weights.early * early
            largest = max(largest, late)
    desk.cost["largest_late"] = desk.weights.largest_late * largest


def _people(desk: _Desk, solution: Solution) -> None:  # noqa: ARG001
    """Skills, allowed people, pins, continuity and preference."""
    for id_, stops in desk.made.items():
        visit, pin = desk.visits[id_], desk.pins.get(id_)
        if pin is not None and pin.staff and {who for who, _ in stops} != set(pin.staff):
            desk.blame("pins", "pin.staff", visit=id_, pinned=",".join(pin.staff))
        for who, _ in stops:
            desk.cost["continuity"] += desk.weights.continuity * visit.continuity.get(
                who, visit.unfamiliar
            )
            desk.cost["preference"] += desk.weights.preference * visit.preference.get(who, 0)
            areas = desk.staff[who].areas
            if areas and visit.area is not None and visit.area not in areas:
                desk.cost["area"] += desk.weights.outside_area
            if pin is not None and who in pin.staff:
                continue
            have = desk.staff[who].skills
            for skill, level in visit.skills.items():
                if have.get(skill, 0) < level:
                    desk.blame(
                        "skills", "visit.skill", visit=id_, staff=who, skill=skill, level=level
                    )
            if who in visit.forbidden or (visit.required and who not in visit.required):
                desk.blame("allowed", "visit.staff", visit=id_, staff=who)


def _links(desk: _Desk, solution: Solution) -> None:  # noqa: ARG001
    for link in desk.problem.links:
        a, b = desk.made.get(link.first), desk.made.get(link.second)
        pair: dict[str, str | int] = {"first": link.first, "second": link.second}
        if a is None and b is None:
            continue
        if a is None or b is None:
            desk.blame("links", "link.half", **pair)
            continue
        gap = b[0][1].start - a[0][1].start
        if gap < link.min_gap or (link.max_gap is not None and gap > link.max_gap):
            desk.blame("links", "link.gap", **pair, gap=gap)
        one, two = {who for who, _ in a}, {who for who, _ in b}
        if (link.carers == "same" and one != two) or (link.carers == "different" and one & two):
            desk.blame("links", "link.carers", **pair)


def _apart(desk: _Desk, solution: Solution) -> None:  # noqa: ARG001
    """Pairs that may not overlap: the later one starts after the earlier one's last carer left."""
    for pair in desk.problem.apart:
        a, b = desk.made.get(pair.first), desk.made.get(pair.second)
        if a is None or b is None:
            continue
        one, two = sorted((min(s.start for _, s in x), max(s.end for _, s in x)) for x in (a, b))
        if two[0] < one[1] + pair.gap:
            desk.blame(
                "apart",
                "apart.overlap",
                first=pair.first,
                second=pair.second,
                end=one[1],
                start=two[0],
            )


def _orders(desk: _Desk, solution: Solution) -> None:
    """Order pins: what stands directly before a visit on each of its routes."""
    for route in solution.routes:
        before: str | None = None
        for stop in route.stops:
            pin = desk.pins.get(stop.visit)
            if pin is not None and (
                (pin.first and before is not None)
                or (pin.after is not None and before != pin.after)
            ):
                desk.blame(
                    "pins",
                    "pin.order",
                    visit=stop.visit,
                    staff=route.staff,
                    before=before or "",
                    pinned=pin.after or "",
                )
            before = stop.visit


def _workload(desk: _Desk, solution: Solution) -> None:
    """Visits and travel per person, cost of use, service and hard visits above a fair share."""
    count: Counter[str] = Counter()
    heavy: Counter[str] = Counter()
    service: Counter[str] = Counter()
    for route in solution.routes:
        count[route.staff] += len(route.stops)
        who = desk.staff[route.staff]
        service[route.staff] += sum(_lasts(desk.visits[s.visit], who) for s in route.stops)
        heavy[route.staff] += sum(desk.visits[s.visit].hard for s in route.stops)
    asked = sum(v.duration * v.carers for v in desk.problem.visits)
    length = {s.id: sum(x.end - x.start for x in s.shifts) for s in desk.problem.staff}
    hours = max(1, sum(length.values()))
    hard = sum(v.carers for v in desk.problem.visits if v.hard)
    for staff in desk.problem.staff:
        if staff.max_visits is not None and count[staff.id] > staff.max_visits:
            desk.blame(
                "hours",
                "staff.visits",
                staff=staff.id,
                given=count[staff.id],
                most=staff.max_visits,
            )
        if staff.max_travel is not None and desk.roads[staff.id] > staff.max_travel:
            desk.blame(
                "travel",
                "staff.travel",
                staff=staff.id,
                seconds=desk.roads[staff.id],
                most=staff.max_travel,
            )
        if count[staff.id]:
            share = -(-hard * length[staff.id] // hours)
            desk.cost["hard"] += desk.weights.hard * max(0, heavy[staff.id] - share)
            desk.cost["staff"] += staff.cost_use
            above = service[staff.id] - asked * length[staff.id] // hours
            desk.cost["load"] += desk.weights.load * max(0, above)


def _changes(desk: _Desk, solution: Solution) -> None:  # noqa: ARG001
    """What the previous plan had promised and this one does not keep."""
    before: dict[str, list[tuple[str, int]]] = {}
    for route in desk.problem.previous:
        for stop in route.stops:
            before.setdefault(stop.visit, []).append((route.staff, stop.start))
    for id_, promised in before.items():
        now = desk.made.get(id_)
        if not now:
            continue
        people = {who for who, _ in now}
        lost = sum(1 for who, _ in promised if who not in people)
        moved = abs(now[0][1].start - promised[0][1])
        desk.cost["change"] += desk.weights.change_carer * lost + desk.weights.change_start * moved
