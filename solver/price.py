"""What a plan costs, by rule, as the search reckons it; `solver.check` does so independently."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.model import Model
from solver.plan import Route
from solver.routes import Plan
from solver.timing import Timed, distance_cost, on_duty

__all__ = ["absent_of", "cost_of", "price"]


def absent_of(plan: Plan) -> set[int]:
    """Rows of the visits nobody makes."""
    return set(range(len(plan.model.problem.visits))) - plan.served()


def cost_of(plan: Plan) -> dict[str, int]:
    """Cost by rule of a whole plan."""
    return price(plan.model, list(plan.routes.values()), absent_of(plan))


def price(model: Model, routes: Sequence[Timed], unserved: Iterable[int]) -> dict[str, int]:
    """Cost by rule of timed routes and the rows of visits left out."""
    w, problem = model.weights, model.problem
    left = list(unserved)
    dropped = int(model.dropped[left].sum())
    cost = {
        "unserved": int(model.penalty[left].sum()) - dropped,
        "overtime": 0,
        "late": 0,
        "early": 0,
        "largest_late": 0,
        "travel": 0,
        "waiting": 0,
        "staff": 0,
        "continuity": 0,
        "preference": 0,
        "area": 0,
        "duty": 0,
        "distance": 0,
        "load": 0,
        "hard": 0,
        "change": 0,
    }
    start_of: dict[int, int] = {}
    people: dict[int, set[str]] = {}
    service: dict[int, int] = {}
    heavy: dict[int, int] = {}
    for timed in routes:
        shift = model.shifts[timed.vehicle]
        staff_row = int(model.staff_of[timed.vehicle])
        staff = problem.staff[staff_row]
        cost["travel"] += w.travel * timed.way
        cost["overtime"] += w.overtime * max(0, timed.finish - shift.end)
        duty, idle = on_duty(model, timed)
        cost["waiting"] += w.waiting * idle
        cost["duty"] += staff.cost_hour * duty // 3600
        cost["distance"] += distance_cost(model, timed)
        for row, start in zip(timed.visits, timed.starts, strict=True):
            visit = problem.visits[row]
            start_of[row] = start
            people.setdefault(row, set()).add(staff.id)
            cost["continuity"] += w.continuity * visit.continuity.get(staff.id, visit.unfamiliar)
            cost["preference"] += w.preference * visit.preference.get(staff.id, 0)
            if visit.area is not None and staff.areas and visit.area not in staff.areas:
                cost["area"] += w.outside_area
            heavy[staff_row] = heavy.get(staff_row, 0) + visit.hard
        done = sum(model.lasts(timed.vehicle, row) for row in timed.visits)
        service[staff_row] = service.get(staff_row, 0) + done
    largest = 0
    for row, start in start_of.items():
        wish = problem.visits[row].preferred
        if wish is not None:
            late = max(0, start - wish.latest)
            cost["late"] += w.late * late
            cost["early"] += w.early * max(0, wish.earliest - start)
            largest = max(largest, late)
    cost["largest_late"] = w.largest_late * largest
    share = model.fair_service() if w.load else []
    hard = model.fair_hard() if w.hard else []
    for staff_row, done in service.items():
        cost["staff"] += problem.staff[staff_row].cost_use
        if w.load:
            cost["load"] += w.load * max(0, done - share[staff_row])
        if w.hard:
            cost["hard"] += w.hard * max(0, heavy[staff_row] - hard[staff_row])
    cost["change"] = dropped + _changes(model, problem.previous, start_of, people)
    return cost


def _changes(
    model: Model,
    previous: Sequence[Route],
    start_of: dict[int, int],
    people: dict[int, set[str]],
) -> int:
    w, total = model.weights, 0
    promised: set[int] = set()
    for route in previous:
        for stop in route.stops:
            if not model.problem.has_visit(stop.visit):
                continue
            row = model.problem.visit_row(stop.visit)
            if row not in start_of:
                continue
            if route.staff not in people[row]:
                total += w.change_carer
            if row not in promised:
                promised.add(row)
                total += w.change_start * abs(start_of[row] - stop.start)
    return total
