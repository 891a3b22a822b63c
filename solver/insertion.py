"""The cheapest places for one more visit in given routes, under all rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from solver.errors import ProblemError
from solver.model import Model, build
from solver.options import Options
from solver.placing import beside, clear, crew_of, starts_of
from solver.plan import Route, Solution
from solver.price import price
from solver.routes import Plan, Spot, in_pinned_order
from solver.timing import schedule, to_route
from solver.types import Problem

__all__ = ["Offer", "plan_of", "suggest"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to take a visit in.

    staff
        Who would make it, as many as the visit asks for.
    start
        Of the service. Seconds.
    cost
        Change of cost by rule, the visit's own unserved cost given back included.
    routes
        The routes that change, as they would be.
    """

    staff: tuple[str, ...]
    start: int
    cost: Mapping[str, int]
    routes: tuple[Route, ...]

    @property
    def total(self) -> int:
        """Sum of the change of cost."""
        return sum(self.cost.values())


def suggest(
    problem: Problem,
    solution: Solution,
    visit: str,
    *,
    top: int = 3,
    options: Options | None = None,
) -> tuple[Offer, ...]:
    """The `top` cheapest ways to add `visit` to `solution`, cheapest first, one per crew.

    Every position in every route is timed with all rules. Other visits may move in time, except
    shared and linked ones: their start is already agreed between several people.

    Raises
    ------
    ProblemError
        ``suggest.visit``: not a visit of the problem, or already served.
    """
    options = options or Options()
    if not problem.has_visit(visit):
        raise ProblemError("suggest.visit", "visit", visit=visit)
    row = problem.visit_row(visit)
    model = build(problem, options.weights)
    plan = plan_of(model, solution)
    if row in plan.served():
        raise ProblemError("suggest.visit", "visit", visit=visit)
    offers: list[Offer] = []
    for start, spots in _crews(plan, row):
        cost = _extra(plan, row, start, spots)
        staff = tuple(problem.staff[int(model.staff_of[s.vehicle])].id for s in spots)
        routes = tuple(to_route(model, s.timed) for s in spots)
        offers.append(Offer(staff=staff, start=start, cost=cost, routes=routes))
    offers.sort(key=lambda o: (o.total, o.start, o.staff))
    distinct: dict[tuple[str, ...], Offer] = {}
    for offer in offers:
        distinct.setdefault(tuple(sorted(offer.staff)), offer)
    return tuple(distinct.values())[:top]


def plan_of(model: Model, solution: Solution) -> Plan:
    """The solution's orders, timed anew; starts of shared and linked visits held as they are.

    A route that cannot be timed (the problem changed since) loses its last stops until it can.
    """
    problem = model.problem
    plan = Plan(model)
    tied = {row for c in model.clusters if model.tied(c) for row in c}
    vehicles = {
        (problem.staff[int(s)].id, int(k)): v
        for v, (s, k) in enumerate(zip(model.staff_of, model.shift_of, strict=True))
    }
    for route in solution.routes:
        for stop in route.stops:
            if problem.has_visit(stop.visit) and (row := problem.visit_row(stop.visit)) in tied:
                plan.held[row] = stop.start
    for route in solution.routes:
        vehicle = vehicles.get((route.staff, route.shift))
        rows = [problem.visit_row(s.visit) for s in route.stops if problem.has_visit(s.visit)]
        rows = in_pinned_order(model, rows)
        while vehicle is not None and rows:
            timed = schedule(model, vehicle, rows, plan.held)
            if timed is not None:
                plan.put(timed)
                break
            rows.pop()
    return plan


def _crews(plan: Plan, row: int) -> list[tuple[int, list[Spot]]]:
    model = plan.model
    vehicles = [int(v) for v in np.flatnonzero(model.usable[row])]
    low, high, vehicles = _bounds(plan, row, vehicles)
    free = plan.spots(row, vehicles)
    need = int(model.carers[row])
    bound = low > 0 or high < (1 << 60)
    busy = plan.kept_apart(row)
    if need == 1 and not bound and not busy:
        return [(s.timed.starts[s.position], [s]) for s in free]
    starts = set(starts_of(model, row, low, high))
    starts |= {t for s in free if low <= (t := s.timed.starts[s.position]) <= high}
    starts |= beside(model, row, low, high, busy)
    out: list[tuple[int, list[Spot]]] = []
    for start in sorted(starts):
        able = [v for v in vehicles if clear(start, model.lasts(v, row), busy)]
        spots = plan.spots(row, able, start=start)
        if need == 1:
            out += [(start, [s]) for s in spots]
        elif (crew := crew_of(model, spots, need)) is not None:
            out.append((start, crew))
    return out


def _bounds(plan: Plan, row: int, vehicles: list[int]) -> tuple[int, int, list[int]]:
    """What links to visits already in the plan leave of starts and carers."""
    model, problem = plan.model, plan.model.problem
    low, high = 0, 1 << 60
    crew_by_row: dict[int, set[int]] = {}
    for vehicle, timed in plan.routes.items():
        for other in timed.visits:
            crew_by_row.setdefault(other, set()).add(int(model.staff_of[vehicle]))
    for link in problem.links:
        first, second = problem.visit_row(link.first), problem.visit_row(link.second)
        other = second if row == first else first
        if row not in (first, second) or other not in crew_by_row:
            continue
        at = plan.held[other]
        if row == second:
            low = max(low, at + link.min_gap)
            high = high if link.max_gap is None else min(high, at + link.max_gap)
        else:
            high = min(high, at - link.min_gap)
            low = low if link.max_gap is None else max(low, at - link.max_gap)
        crew = crew_by_row[other]
        if link.carers == "same":
            vehicles = [v for v in vehicles if int(model.staff_of[v]) in crew]
        elif link.carers == "different":
            vehicles = [v for v in vehicles if int(model.staff_of[v]) not in crew]
    return low, high, vehicles


def _extra(plan: Plan, row: int, start: int, spots: list[Spot]) -> dict[str, int]:
    """Change of cost by rule: only routes of the people concerned are priced, before and after.

    The largest lateness of the day is the one rule that asks for all routes.
    """
    model = plan.model
    people = {int(model.staff_of[s.vehicle]) for s in spots}
    everyone = model.weights.largest_late > 0

    def priced(unserved: tuple[int, ...]) -> dict[str, int]:
        routes = [
            timed
            for vehicle, timed in plan.routes.items()
            if everyone or int(model.staff_of[vehicle]) in people
        ]
        return price(model, routes, unserved)

    before = priced((row,))
    saved = plan.state()
    if model.tied((row,)):
        plan.held[row] = start
    for spot in spots:
        plan.put(spot.timed)
    after = priced(())
    plan.restore(saved)
    return {rule: after[rule] - before[rule] for rule in before}
