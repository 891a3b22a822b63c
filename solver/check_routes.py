"""Are the routes of a plan possible, each by itself: shift, way, breaks, load, order pins?"""

from __future__ import annotations

from collections import Counter

from solver.check_desk import Desk, Walk, lasts
from solver.plan import Pause, Route, Solution, Stop
from solver.types import UNREACHABLE, Shift, Staff, Visit

__all__ = ["judge_routes", "readable"]


def readable(desk: Desk, solution: Solution) -> bool:
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


def judge_routes(desk: Desk, solution: Solution) -> None:
    """Walk every route, then ask what holds over all shifts of a carer."""
    for route in solution.routes:
        desk.walks.append(_walk(desk, route))
    _orders(desk, solution)
    _limits(desk, solution)


def _walk(desk: Desk, route: Route) -> Walk:
    """Walk one route: times, travel, breaks, shift."""
    staff = desk.staff[route.staff]
    shift = staff.shifts[route.shift]
    pauses = sorted(route.pauses, key=lambda p: p.start)
    _breaks(desk, route, shift, pauses)
    if route.departure < shift.start:
        desk.blame("hours", "shift.early", staff=staff.id, at=route.departure, start=shift.start)
    clock, here, group = route.departure, shift.start_place, None
    way_total = access_total = metres = 0
    for stop in route.stops:
        visit = desk.visits[stop.visit]
        way, length = _way(desk, staff, here, visit.place, visit.id)
        access = 0 if visit.group is not None and visit.group == group else visit.access
        _leg(desk, route, stop, visit, clock, way, access, pauses)
        way_total, access_total, metres = way_total + way, access_total + access, metres + length
        clock, here, group = stop.end, visit.place, visit.group
    way, length = _way(desk, staff, here, shift.end_place, "end")
    _home(desk, route, shift, clock, way, pauses)
    working = sum(lasts(desk.visits[s.visit], staff) for s in route.stops)
    duty = route.finish - route.departure - _resting(pauses, route.departure, route.finish)
    idle = duty - way_total - way - access_total - working
    return Walk(way_total + way, metres + length, max(0, duty), max(0, idle))


def _way(desk: Desk, staff: Staff, here: int | None, there: int | None, to: str) -> tuple[int, int]:
    """Seconds and metres from a stop to the next one; nothing where a route has no such end."""
    if here is None or there is None:
        return 0, 0
    way = int(desk.problem.travel[staff.mode][here, there])
    if way == UNREACHABLE:
        desk.blame("travel", "travel.none", staff=staff.id, visit=to)
        way = 0
    if staff.max_leg is not None and way > staff.max_leg:
        desk.blame("travel", "staff.leg", staff=staff.id, visit=to, way=way, most=staff.max_leg)
    return way, int(desk.problem.metres[staff.mode][here, there]) if staff.cost_km else 0


def _home(
    desk: Desk, route: Route, shift: Shift, clock: int, way: int, pauses: list[Pause]
) -> None:
    """From the end of the last service at `clock` to the end place; and what the shift carried."""
    goods = sum(desk.visits[s.visit].goods for s in route.stops)
    if shift.capacity is not None and goods > shift.capacity:
        desk.blame("goods", "shift.goods", staff=route.staff, goods=goods, capacity=shift.capacity)
    if route.finish < clock + way:
        facts = {"left": clock, "way": way, "at": route.finish}
        desk.blame("travel", "travel.short", staff=route.staff, visit="end", **facts)
    elif route.finish < clock + way + _resting(pauses, clock, route.finish):
        desk.blame(
            "breaks", "break.travel", staff=route.staff, visit="end", left=clock, start=route.finish
        )
    if route.finish > shift.latest_return:
        facts = {"at": route.finish, "end": shift.latest_return}
        desk.blame("hours", "shift.late", staff=route.staff, **facts)


def _leg(
    desk: Desk,
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
    if stop.end != stop.start + lasts(visit, desk.staff[route.staff]):
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


def _breaks(desk: Desk, route: Route, shift: Shift, pauses: list[Pause]) -> None:
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


def _orders(desk: Desk, solution: Solution) -> None:
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


def _limits(desk: Desk, solution: Solution) -> None:
    """Visits and travel of a carer over all shifts."""
    count: Counter[str] = Counter()
    roads: Counter[str] = Counter()
    for route, walk in zip(solution.routes, desk.walks, strict=True):
        count[route.staff] += len(route.stops)
        roads[route.staff] += walk.way
    for staff in desk.problem.staff:
        given, seconds = count[staff.id], roads[staff.id]
        if staff.max_visits is not None and given > staff.max_visits:
            most = staff.max_visits
            desk.blame("hours", "staff.visits", staff=staff.id, given=given, most=most)
        if staff.max_travel is not None and seconds > staff.max_travel:
            most = staff.max_travel
            desk.blame("travel", "staff.travel", staff=staff.id, seconds=seconds, most=most)
