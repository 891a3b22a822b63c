"""The fast search for days of single visits: what it takes, and that its plans are true."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from solver import Link, Options, Pin, Problem, Weights, Window, check, solve
from solver.cooling import QUIET, cooled
from solver.improve import Look, Watch
from solver.kernels.arrays import fixed_of
from solver.model import build
from solver.price import price
from solver.routes import Plan
from solver.sample import street_day
from solver.single import improve_single, suits

WEIGHTS = Weights(load=1, travel=3)


def taken(problem: Problem, weights: Weights = WEIGHTS) -> bool:
    model = build(problem, weights)
    return suits(model, fixed_of(model))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 40), st.integers(1, 8), st.booleans())
def test_its_plans_pass_the_judge_to_the_unit(
    seed: int, visits: int, staff: int, limited: bool
) -> None:
    day = street_day(visits, staff, seed)
    people = tuple(
        replace(s, max_visits=4 if limited else None, cost_use=500 * (k % 2))
        for k, s in enumerate(day.staff)
    )
    some = tuple(replace(v, mandatory=k % 3 > 0, penalty=None) for k, v in enumerate(day.visits))
    problem = Problem(visits=some, staff=people, travel=day.travel)
    options = Options(seconds=60, iterations=200, seed=seed, weights=WEIGHTS)
    solution = solve(problem, options)
    verdict = check(problem, solution, options)

    assert taken(problem)
    assert verdict.violations == ()
    assert solution.cost == verdict.cost


def test_its_own_plan_given_back_is_kept_or_bettered_and_steps_decide_the_plan() -> None:
    problem = street_day(60, 10, 5)
    options = Options(seconds=60, iterations=300, seed=2, weights=WEIGHTS)
    first, twin = solve(problem, options), solve(problem, options)
    again = solve(problem, replace(options, seed=3, iterations=50), start=first)

    assert first.routes == twin.routes
    assert again.total <= first.total


def test_what_ties_visits_goes_to_another_search() -> None:
    day = street_day(12, 5, 1)
    first, second = (v.id for v in day.visits[:2])

    assert taken(day)
    assert not taken(replace_day(day, links=(Link(first, second, 0, 3600),)))
    assert not taken(replace_day(day, pins=(Pin(first, first=True),)))


def test_soft_times_several_windows_and_pairs_go_to_another_search() -> None:
    day = street_day(12, 5, 1)
    one = day.visits[0]
    early = one.windows[0].earliest
    for changed in (
        replace(one, carers=2),
        replace(one, preferred=Window(early, early + 60)),
        replace(one, windows=(Window(early, early + 60), Window(early + 120, early + 180))),
    ):
        assert not taken(replace_day(day, visits=(changed, *day.visits[1:])))


def replace_day(day: Problem, **changes: object) -> Problem:
    parts: dict[str, object] = {"visits": day.visits, "staff": day.staff, "travel": day.travel}
    return Problem(**(parts | changes))  # type: ignore[arg-type]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_the_cost_kept_along_the_way_is_what_the_judge_finds(seed: int, even: bool) -> None:
    """Also among carers who are all alike, between whom whole tails are exchanged."""
    day = street_day(40, 6, seed)
    people = tuple(
        replace(s, max_visits=9, skills=day.staff[0].skills, mode=0, shifts=day.staff[0].shifts)
        for s in day.staff
    )
    problem = Problem(
        visits=tuple(replace(v, goods=k % 4) for k, v in enumerate(day.visits)),
        staff=tuple(
            replace(s, shifts=tuple(replace(shift, capacity=14) for shift in s.shifts))
            for s in people
        ),
        travel=day.travel,
    )
    weights = WEIGHTS if even else replace(WEIGHTS, load=0)
    options = Options(seconds=60, iterations=1500, seed=seed, weights=weights)
    model = build(problem, weights)
    said: list[int] = []
    plan, _ = improve_single(
        model, fixed_of(model), Plan(model), options, time.monotonic() + 60, _into(said)
    )
    absent = set(range(len(problem.visits))) - plan.served()

    assert sum(price(model, list(plan.routes.values()), absent).values()) <= min(said)
    solution = solve(problem, options)
    assert check(problem, solution, options).violations == ()
    assert solution.cost == check(problem, solution, options).cost


def _into(said: list[int]) -> Watch:
    def watch(done: int, cost: int, look: Look) -> bool:
        plan = look()
        assert plan is not None
        absent = set(range(len(plan.model.problem.visits))) - plan.served()
        assert sum(price(plan.model, list(plan.routes.values()), absent).values()) == cost
        said.append(cost)
        return False

    return watch


def test_it_never_gets_warmer_and_ends_far_below_where_it_goes_on_from_the_best() -> None:
    heats = [cooled(k / 100, 50.0, 1.0) for k in range(101)]

    assert heats[0] == 50.0
    assert heats == sorted(heats, reverse=True)
    assert abs(cooled(QUIET, 50.0, 1.0) - 1.0) < 1e-9
    assert heats[-1] < 0.2
