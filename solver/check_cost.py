"""What does a plan cost, rule by rule?"""

from __future__ import annotations

from collections import Counter

from solver.check_desk import Desk, lasts
from solver.options import Weights
from solver.plan import Solution
from solver.types import Visit

__all__ = ["RULES", "reckon"]

#: Rules that cost; a plan's cost has one entry each.
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


def reckon(desk: Desk, solution: Solution) -> None:
    """Fill in `desk.cost`; the routes have been walked."""
    desk.cost.update(dict.fromkeys(RULES, 0))
    _ways(desk, solution)
    _left_out(desk)
    _wishes(desk)
    _workload(desk, solution)
    _changes(desk)


def _ways(desk: Desk, solution: Solution) -> None:
    """Travel, waiting, overtime, paid hours and kilometres of each route."""
    weights, cost = desk.weights, desk.cost
    for route, walk in zip(solution.routes, desk.walks, strict=True):
        staff = desk.staff[route.staff]
        cost["duty"] += staff.cost_hour * walk.duty // 3600
        cost["distance"] += staff.cost_km * walk.metres // 1000
        cost["travel"] += weights.travel * walk.way
        cost["waiting"] += weights.waiting * walk.idle
        end = staff.shifts[route.shift].end
        cost["overtime"] += weights.overtime * max(0, route.finish - end)


def _left_out(desk: Desk) -> None:
    """Visits nobody makes."""
    for visit in desk.problem.visits:
        if visit.id not in desk.made:
            desk.cost["unserved"] += _unserved_cost(desk.weights, visit)


def _unserved_cost(weights: Weights, visit: Visit) -> int:
    if visit.penalty is not None:
        return visit.penalty
    each = weights.unserved_mandatory if visit.mandatory else weights.unserved_optional
    due = 0 if visit.due is None else weights.unserved_due // (1 + visit.due)
    return each * (1 + visit.priority) + due


def _wishes(desk: Desk) -> None:
    """When and by whom the visits are made: lateness, familiar people, preferences, areas."""
    weights, cost, largest = desk.weights, desk.cost, 0
    for id_, stops in desk.made.items():
        visit, start = desk.visits[id_], stops[0][1].start
        if visit.preferred is not None:
            late = max(0, start - visit.preferred.latest)
            cost["late"] += weights.late * late
            cost["early"] += weights.early * max(0, visit.preferred.earliest - start)
            largest = max(largest, late)
        for who, _ in stops:
            known = visit.continuity.get(who, visit.unfamiliar)
            cost["continuity"] += weights.continuity * known
            cost["preference"] += weights.preference * visit.preference.get(who, 0)
            areas = desk.staff[who].areas
            if areas and visit.area is not None and visit.area not in areas:
                cost["area"] += weights.outside_area
    cost["largest_late"] = weights.largest_late * largest


def _workload(desk: Desk, solution: Solution) -> None:
    """Cost of use, and service and hard visits above a fair share by length of shifts."""
    used: set[str] = set()
    heavy: Counter[str] = Counter()
    service: Counter[str] = Counter()
    for route in solution.routes:
        who = desk.staff[route.staff]
        made = [desk.visits[s.visit] for s in route.stops]
        used.update([who.id] if made else [])
        service[who.id] += sum(lasts(v, who) for v in made)
        heavy[who.id] += sum(v.hard for v in made)
    asked = sum(v.duration * v.carers for v in desk.problem.visits)
    length = {s.id: sum(x.end - x.start for x in s.shifts) for s in desk.problem.staff}
    hours = max(1, sum(length.values()))
    hard = sum(v.carers for v in desk.problem.visits if v.hard)
    for staff in (s for s in desk.problem.staff if s.id in used):
        share = -(-hard * length[staff.id] // hours)
        desk.cost["hard"] += desk.weights.hard * max(0, heavy[staff.id] - share)
        desk.cost["staff"] += staff.cost_use
        above = service[staff.id] - asked * length[staff.id] // hours
        desk.cost["load"] += desk.weights.load * max(0, above)


def _changes(desk: Desk) -> None:
    """What the previous plan had promised and this one does not keep."""
    before: dict[str, list[tuple[str, int]]] = {}
    for route in desk.problem.previous:
        for stop in route.stops:
            before.setdefault(stop.visit, []).append((route.staff, stop.start))
    for id_, promised in before.items():
        now = desk.made.get(id_)
        if not now:
            desk.cost["change"] += desk.weights.change_dropped * (id_ in desk.visits)
            continue
        people = {who for who, _ in now}
        lost = sum(1 for who, _ in promised if who not in people)
        moved = abs(now[0][1].start - promised[0][1])
        desk.cost["change"] += desk.weights.change_carer * lost + desk.weights.change_start * moved
