"""On days small enough for proof, the search finds the cheapest plan, and the proof holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import permutations, product

import pytest

from solver import Options, Problem, check, solve
from solver.check import RULES as COSTS
from solver.exact import Exact, optimum
from solver.model import Model, build
from solver.price import price
from solver.sample import full_day
from solver.timing import Timed, route_cost, schedule
from tests.solver.whole import OPTIONS, RULES, rules_on, whole_day

SEEDS = range(60)


@cache
def proof(seed: int) -> Exact:
    return optimum(whole_day(seed), OPTIONS)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_finds_the_cheapest_plan_with_all_rules_on(seed: int) -> None:
    best = proof(seed)

    assert best.proven
    assert solve(whole_day(seed), OPTIONS).total == best.solution.total


@pytest.mark.parametrize("seed", SEEDS)
def test_the_judge_accepts_the_cheapest_plan_at_exactly_the_proven_cost(seed: int) -> None:
    best = proof(seed)
    verdict = check(whole_day(seed), best.solution, OPTIONS)

    assert verdict.violations == ()
    # The bound is the proof's own sum; it never saw the judge.
    assert verdict.total == best.bound


def test_every_rule_is_on_in_several_of_these_days_and_every_cost_is_paid() -> None:
    asked = Counter(rule for seed in SEEDS for rule in rules_on(whole_day(seed)))
    assert {rule: asked[rule] for rule in RULES if asked[rule] < 3} == {}

    paid = Counter(rule for seed in SEEDS for rule in COSTS if proof(seed).solution.cost[rule])
    assert {rule for rule in COSTS if not paid[rule]} == set()


SINGLE = Options(seconds=60, iterations=1500, seed=2)


def single(seed: int) -> Problem:
    """A small odd day whose visits need one carer each and where sooner is never dearer."""
    base = full_day(seed, visits=5, staff=3)
    visits = tuple(replace(v, carers=1, preferred=None) for v in base.visits)
    # The best order of a route is taken by its cost alone, so no limit may hold over several.
    staff = tuple(replace(s, max_travel=None, cost_hour=0) for s in base.staff)
    return Problem(visits, staff, base.travel, metres=base.metres)


def best_route(model: Model, vehicle: int, rows: tuple[int, ...]) -> Timed | None:
    """The cheapest order of these visits in this vehicle."""
    if not all(model.allowed[row, model.staff_of[vehicle]] for row in rows):
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


@pytest.mark.parametrize("seed", range(24))
def test_trying_every_order_of_single_visits_finds_nothing_cheaper(seed: int) -> None:
    problem = single(seed)
    model = build(problem, SINGLE.weights)

    assert solve(problem, SINGLE).total == everything(model)
