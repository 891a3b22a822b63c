"""On days small enough to try every plan, the search finds the cheapest."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import pytest

from solver import Options, Problem, solve
from solver.model import Model, build
from solver.price import price
from solver.sample import full_day
from solver.timing import Timed, route_cost, schedule

OPTIONS = Options(seconds=60, iterations=1500, seed=2)


def single(seed: int) -> Problem:
    """A small odd day whose visits need one carer each and have no preferred time."""
    base = full_day(seed, visits=5, staff=3)
    visits = tuple(replace(v, carers=1, preferred=None) for v in base.visits)
    # The best order of a route is taken by its cost alone, so no limit may hold over several.
    staff = tuple(replace(s, max_travel=None) for s in base.staff)
    return Problem(visits, staff, base.travel, metres=base.metres)


def best_route(model: Model, vehicle: int, rows: tuple[int, ...]) -> Timed | None:
    """The cheapest order of these visits in this vehicle."""
    if not all(model.usable[row, vehicle] for row in rows):
        return None
    capacity, visits = model.shifts[vehicle].capacity, model.problem.visits
    if capacity is not None and sum(visits[row].goods for row in rows) > capacity:
        return None
    timed = [schedule(model, vehicle, order, {}) for order in permutations(rows)]
    return min(
        (t for t in timed if t is not None), key=lambda t: route_cost(model, t), default=None
    )


def everything(model: Model) -> int:
    """The cost of the best of all plans."""
    vehicles, visits = range(len(model.shifts)), range(len(model.problem.visits))
    best = sum(price(model, [], visits).values())
    known: dict[tuple[int, tuple[int, ...]], Timed | None] = {}
    for choice in product([-1, *vehicles], repeat=len(visits)):
        routes: list[Timed] = []
        count: dict[int, int] = {}
        for vehicle in vehicles:
            rows = tuple(row for row in visits if choice[row] == vehicle)
            if not rows:
                continue
            if (vehicle, rows) not in known:
                known[vehicle, rows] = best_route(model, vehicle, rows)
            timed = known[vehicle, rows]
            if timed is None:
                break
            staff = int(model.staff_of[vehicle])
            count[staff] = count.get(staff, 0) + len(rows)
            routes.append(timed)
        else:
            limits = {s: model.problem.staff[s].max_visits for s in count}
            if all(limits[s] is None or count[s] <= (limits[s] or 0) for s in count):
                absent = [row for row in visits if choice[row] == -1]
                best = min(best, sum(price(model, routes, absent).values()))
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_search_finds_the_cheapest_of_all_plans(seed: int) -> None:
    problem = single(seed)
    model = build(problem, OPTIONS.weights)

    assert solve(problem, OPTIONS).total == everything(model)
