"""Inserting one visit: the offers are real, exact and the cheapest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver import Options, Problem, ProblemError, Solution, Unserved, check, solve, suggest
from solver.insertion import plan_of
from solver.model import build
from solver.sample import street_day
from solver.timing import route_cost, schedule

QUICK = Options(seconds=60, iterations=100)


def without_one(problem: Problem, solution: Solution, visit: str) -> Solution:
    """The plan with one single-carer visit taken out of its route."""
    routes = [
        replace(r, stops=tuple(s for s in r.stops if s.visit != visit)) for r in solution.routes
    ]
    return replace(
        solution,
        routes=tuple(r for r in routes if r.stops),
        unserved=(*solution.unserved, Unserved(visit, "no_capacity")),
        cost={},
    )


@pytest.mark.parametrize("seed", range(4))
def test_an_accepted_offer_passes_the_judge_at_the_offered_cost(seed: int) -> None:
    problem = street_day(40, 10, seed, rich=True)
    full = solve(problem, QUICK)
    linked = {end for k in problem.links for end in (k.first, k.second)}
    single = [v.id for v in problem.visits if v.carers == 1 and v.id not in linked]
    served = {s.visit for r in full.routes for s in r.stops}
    visit = next(v for v in single if v in served)
    plan = without_one(problem, full, visit)
    before = check(problem, plan, QUICK)
    offers = suggest(problem, plan, visit, top=5, options=QUICK)

    assert offers
    assert [o.total for o in offers] == sorted(o.total for o in offers)
    for offer in offers:
        kept = {(r.staff, r.shift): r for r in plan.routes}
        kept |= {(r.staff, r.shift): r for r in offer.routes}
        after = Solution(
            routes=tuple(kept.values()),
            unserved=tuple(u for u in plan.unserved if u.visit != visit),
            cost={},
        )
        verdict = check(problem, after, QUICK)
        assert verdict.violations == ()
        assert verdict.cost["unserved"] - before.cost["unserved"] == offer.cost["unserved"]
        assert verdict.cost["travel"] - before.cost["travel"] == offer.cost["travel"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_first_offer_is_the_best_of_every_position_in_every_route(seed: int) -> None:
    problem = street_day(12, 4, seed)
    full = solve(problem, Options(seconds=60, iterations=0))
    assume(len(full.routes) > 0)
    visit = full.routes[0].stops[0].visit
    plan = without_one(problem, full, visit)
    model = build(problem, QUICK.weights)
    row, base = problem.visit_row(visit), plan_of(model, plan)
    brute: list[int] = []
    for vehicle in range(len(model.shifts)):
        order = base.order(vehicle)
        for at in range(len(order) + 1):
            timed = schedule(model, vehicle, (*order[:at], row, *order[at:]), {})
            if timed is not None and model.usable[row, vehicle]:
                brute.append(route_cost(model, timed) - base.costs.get(vehicle, 0))

    (offer,) = suggest(problem, plan, visit, top=1, options=QUICK)
    assert offer.total == min(brute) - int(model.penalty[row])


def test_a_pair_is_offered_two_different_people() -> None:
    problem = street_day(40, 12, 3, rich=True)
    full = solve(problem, QUICK)
    linked = {end for k in problem.links for end in (k.first, k.second)}
    visit = next(v.id for v in problem.visits if v.carers == 2 and v.id not in linked)
    offers = suggest(problem, without_one(problem, full, visit), visit, options=QUICK)

    assert offers
    assert all(len(set(o.staff)) == 2 for o in offers)


def test_a_visit_that_is_unknown_or_already_served_is_refused() -> None:
    problem = street_day(10, 4, 1)
    plan = solve(problem, QUICK)
    for visit in ("nobody", plan.routes[0].stops[0].visit):
        with pytest.raises(ProblemError) as caught:
            suggest(problem, plan, visit)
        assert caught.value.code == "suggest.visit"
