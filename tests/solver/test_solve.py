"""Every plan passes the judge, and what is unserved says why."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import (
    UNREACHABLE,
    Break,
    Link,
    Options,
    Pin,
    Problem,
    Shift,
    Solution,
    Staff,
    Unserved,
    Visit,
    Weights,
    Window,
    check,
    solve,
)
from solver.improve import improve
from solver.model import build
from solver.routes import Plan
from solver.sample import full_day, linked_day, odd_day, street_day
from solver.timing import to_route

HOUR = 3600
QUICK = Options(seconds=60, iterations=150, seed=3)
EVERYTHING = Weights(
    waiting=1,
    largest_late=3,
    load=2,
    hard=900,
    overtime=7,
    late=3,
    early=2,
    travel=2,
    change_start=1,
    change_dropped=700,
)


def reasons(solution: Solution) -> dict[str, str]:
    return {u.visit: u.reason for u in solution.unserved}


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_every_plan_of_every_day_passes_the_judge_to_the_unit(seed: int, heavy: bool) -> None:
    problem = full_day(seed)
    options = replace(QUICK, weights=EVERYTHING) if heavy else QUICK
    solution = solve(problem, options)
    verdict = check(problem, solution, options)

    assert verdict.violations == ()
    assert solution.cost == verdict.cost


def test_the_routing_engine_cross_checks_the_kernel() -> None:
    routed = compiled = 0
    for seed in range(12):
        problem = odd_day(seed, visits=6, staff=3)
        other = solve(problem, replace(QUICK, engine="routing", iterations=10, seconds=1))
        assert check(problem, other).violations == ()
        routed += other.total
        compiled += solve(problem, QUICK).total

    assert compiled <= routed


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_the_kernel_and_the_judge_agree_on_the_cost_to_the_unit(seed: int, again: bool) -> None:
    problem = full_day(seed)
    if again:
        problem = replace_previous(problem, solve(problem, QUICK))
    model = build(problem, EVERYTHING)
    options = replace(QUICK, weights=EVERYTHING)
    costs: list[int] = []
    plan, _ = improve(model, Plan(model), options, time.monotonic() + 60, exact=False, seen=costs)
    absent = set(range(len(problem.visits))) - plan.served()
    solution = Solution(
        routes=tuple(to_route(model, t) for t in plan.routes.values()),
        unserved=tuple(Unserved(problem.visits[row].id, "no_capacity") for row in absent),
        cost={},
    )

    verdict = check(problem, solution, options)
    assert verdict.violations == ()
    assert verdict.total == costs[-1]


def test_a_rich_street_day_is_served_and_passes_the_judge() -> None:
    problem = street_day(60, 20, 5, rich=True)
    solution = solve(problem, replace(QUICK, iterations=1500))

    assert check(problem, solution).violations == ()
    served = {s.visit for r in solution.routes for s in r.stops}
    pairs = [v for v in problem.visits if v.carers == 2]
    assert len(pairs) >= 4
    assert all(v.id in served for v in problem.visits if v.mandatory)


def test_the_same_input_seed_and_step_limit_give_the_same_plan() -> None:
    problem = street_day(40, 9, 2, rich=True)
    one, two = solve(problem, QUICK), solve(problem, QUICK)

    assert (one.routes, one.unserved, one.cost) == (two.routes, two.unserved, two.cost)


def test_a_plan_fed_back_as_previous_costs_no_changes() -> None:
    problem = street_day(30, 8, 4, rich=True)
    before = solve(problem, QUICK)
    again = solve(replace_previous(problem, before), QUICK)

    assert again.cost["unserved"] <= before.cost["unserved"]
    assert check(replace_previous(problem, before), again).ok


def replace_previous(problem: Problem, solution: Solution) -> Problem:
    return Problem(
        visits=problem.visits,
        staff=problem.staff,
        travel=problem.travel,
        links=problem.links,
        pins=problem.pins,
        apart=problem.apart,
        metres=problem.metres,
        previous=solution.routes,
    )


def small(**more: object) -> Problem:
    base: dict[str, object] = {
        "visits": (Visit("v", 1, 1800, (Window(9 * HOUR, 10 * HOUR),)),),
        "staff": (Staff("s", (Shift(8 * HOUR, 12 * HOUR, 0, 0),)),),
        "travel": (np.full((3, 3), 300, dtype=np.int32),),
    }
    return Problem(**(base | more))  # type: ignore[arg-type]


def test_a_day_without_staff_leaves_everything_unserved_for_that_reason() -> None:
    assert reasons(solve(small(staff=()), QUICK)) == {"v": "no_staff"}
    assert reasons(solve(small(staff=(Staff("s", ()),)), QUICK)) == {"v": "no_staff"}


def test_a_day_without_visits_is_an_empty_plan() -> None:
    solution = solve(small(visits=()), QUICK)

    assert (solution.routes, solution.unserved, solution.total) == ((), (), 0)


def test_each_reason_is_told_apart() -> None:
    day = (Window(9 * HOUR, 10 * HOUR),)
    travel = np.full((4, 4), 300, dtype=np.int32)
    travel[:, 3] = UNREACHABLE
    problem = small(
        visits=(
            Visit("skill", 1, 1800, day, skills={"wound": 1}),
            Visit("allowed", 1, 1800, day, forbidden=frozenset({"s"})),
            Visit("window", 1, 1800, (Window(20 * HOUR, 21 * HOUR),)),
            Visit("way", 3, 1800, day),
            Visit("crew", 1, 1800, day, carers=2),
            Visit("one", 1, 5400, day, priority=1),
            Visit("two", 1, 5400, day),
        ),
        travel=(travel,),
    )

    assert reasons(solve(problem, QUICK)) == {
        "skill": "no_skill",
        "allowed": "not_allowed",
        "window": "no_window",
        "way": "unreachable",
        "crew": "no_skill",
        "two": "no_capacity",
    }


def test_a_linked_visit_whose_partner_is_impossible_says_so() -> None:
    problem = small(
        visits=(
            Visit("a", 1, 1800, (Window(9 * HOUR, 10 * HOUR),)),
            Visit("b", 1, 1800, (Window(22 * HOUR, 23 * HOUR),)),
        ),
        links=(Link("a", "b"),),
    )

    assert reasons(solve(problem, QUICK)) == {"a": "linked", "b": "no_window"}


def test_a_fixed_break_is_kept_free_and_a_shift_may_pass_midnight() -> None:
    shift = Shift(22 * HOUR, 30 * HOUR, 0, 0, breaks=(Break(26 * HOUR, 26 * HOUR, 1800),))
    problem = small(
        visits=(
            Visit("a", 1, 1800, (Window(25 * HOUR + 1800, 28 * HOUR),)),
            Visit("b", 2, 1800, (Window(25 * HOUR + 1800, 28 * HOUR),)),
        ),
        staff=(Staff("s", (shift,)),),
    )
    solution = solve(problem, QUICK)

    assert solution.unserved == ()
    assert [p.start for p in solution.routes[0].pauses] == [26 * HOUR]
    assert check(problem, solution).ok


def test_a_pinned_visit_keeps_its_carer_and_start_even_outside_its_window() -> None:
    problem = small(
        staff=(
            Staff("s", (Shift(8 * HOUR, 12 * HOUR, 0, 0),)),
            Staff("t", (Shift(8 * HOUR, 12 * HOUR, 1, 1),)),
        ),
        pins=(Pin("v", ("s",), 8 * HOUR + 1800),),
    )
    (route,) = solve(problem, QUICK).routes

    assert (route.staff, route.stops[0].start) == ("s", 8 * HOUR + 1800)


def test_several_processes_give_one_repeatable_judged_plan() -> None:
    problem = street_day(30, 8, 6, rich=True)
    options = replace(QUICK, threads=2)
    one, two = solve(problem, options), solve(problem, options)

    assert one.routes == two.routes
    assert check(problem, one, options).violations == ()


def test_a_plan_fed_back_as_the_start_is_never_made_worse() -> None:
    problem = street_day(40, 10, 8, rich=True)
    first = solve(problem, QUICK)
    again = solve(problem, replace(QUICK, iterations=0), start=first)

    assert again.total <= first.total


def test_a_cancelled_search_still_gives_a_judged_plan() -> None:
    problem = street_day(40, 10, 9, rich=True)
    solution = solve(problem, Options(seconds=60), cancelled=lambda: True)

    assert check(problem, solution).violations == ()
    assert solution.stats["seconds_milli"] < 50_000


def test_a_linked_visit_with_a_wide_window_waits_for_its_narrow_partner() -> None:
    problem = small(
        visits=(
            Visit("early", 1, 1800, (Window(8 * HOUR, 19 * HOUR),)),
            Visit("noon", 2, 1800, (Window(15 * HOUR, 16 * HOUR),)),
        ),
        staff=(Staff("s", (Shift(8 * HOUR, 20 * HOUR, 0, 0),)),),
        links=(Link("early", "noon", 1800, HOUR),),
    )

    assert solve(problem, replace(QUICK, iterations=0)).unserved == ()


@pytest.mark.parametrize("linked", [False, True])
def test_whoever_looks_on_sees_every_component_and_changes_nothing(linked: bool) -> None:
    problem = linked_day(1) if linked else street_day(40, 4, seed=5, rich=True)
    weights = Weights(largest_late=1, early=0) if linked else Weights()
    options = Options(seconds=300, iterations=4_000, seed=2, weights=weights)
    told: list[dict[str, int]] = []

    watched = solve(problem, options, progress=told.append)
    alone = solve(problem, options)

    assert (watched.routes, watched.cost) == (alone.routes, alone.cost)
    full = [one for one in told if "unserved" in one]
    assert len(full) >= 2 and "seconds_milli" in full[0]
    for one in full:
        assert one["cost"] == sum(v for k, v in one.items() if k.startswith("cost."))
    assert {k.removeprefix("cost.") for k in full[-1] if "cost." in k} == set(alone.cost)
    assert full[-1]["unserved"] == len(alone.unserved)
