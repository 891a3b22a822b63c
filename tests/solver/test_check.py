"""A judge that never says no is worthless: every kind of broken plan is caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import pytest

from solver import Options, Problem, Route, Solution, Unserved, check, solve
from solver.sample import street_day

OPTIONS = Options(seconds=60, iterations=300)


@cache
def planned() -> tuple[Problem, Solution]:
    problem = street_day(60, 14, 11, rich=True)
    return problem, solve(problem, OPTIONS)


def edit(solution: Solution, at: int, change: Callable[[Route], Route]) -> Solution:
    routes = list(solution.routes)
    routes[at] = change(routes[at])
    return replace(solution, routes=tuple(routes))


def long_route(solution: Solution) -> int:
    return max(range(len(solution.routes)), key=lambda r: len(solution.routes[r].stops))


def with_break(solution: Solution) -> int:
    return next(r for r, route in enumerate(solution.routes) if route.pauses)


def shift_stop(route: Route, by: int, at: int = 0) -> Route:
    stops = list(route.stops)
    stop = stops[at]
    stops[at] = replace(stop, start=stop.start + by, end=stop.end + by)
    return replace(route, stops=tuple(stops))


def pair_route(problem: Problem, solution: Solution) -> tuple[int, int]:
    pairs = {v.id for v in problem.visits if v.carers == 2}
    return next(
        (r, k)
        for r, route in enumerate(solution.routes)
        for k, stop in enumerate(route.stops)
        if stop.visit in pairs
    )


def without(route: Route, at: int) -> Route:
    return replace(route, stops=route.stops[:at] + route.stops[at + 1 :])


def reassign(problem: Problem, solution: Solution) -> Solution:
    """Give a visit with a rare skill to somebody without it."""
    for r, route in enumerate(solution.routes):
        for stop in route.stops:
            need = problem.visits[problem.visit_row(stop.visit)].skills
            for staff in problem.staff:
                used = {(x.staff, x.shift) for x in solution.routes}
                if (staff.id, 0) not in used and not set(need) <= set(staff.skills):
                    return edit(solution, r, lambda x, s=staff.id: replace(x, staff=s, shift=0))
        for other in problem.staff:
            lacks = any(
                not set(problem.visits[problem.visit_row(s.visit)].skills) <= set(other.skills)
                for s in route.stops
            )
            if lacks:
                swapped = [
                    replace(x, staff=other.id) if k == r else x
                    for k, x in enumerate(solution.routes)
                    if k == r or x.staff != other.id
                ]
                return replace(solution, routes=tuple(swapped))
    raise AssertionError("the sample day asks for no skill")


Mutation = Callable[[Problem, Solution], Solution]

BROKEN: dict[str, tuple[str, Mutation]] = {
    "visit made early": (
        "travel",
        lambda p, s: edit(s, long_route(s), lambda r: shift_stop(r, -3600, 1)),
    ),
    "start outside the window": (
        "windows",
        lambda p, s: edit(s, long_route(s), lambda r: shift_stop(r, 86_000, -1)),
    ),
    "service cut short": (
        "duration",
        lambda p, s: edit(
            s,
            0,
            lambda r: replace(r, stops=(replace(r.stops[0], end=r.stops[0].end - 1), *r.stops[1:])),
        ),
    ),
    "left before the shift": (
        "hours",
        lambda p, s: edit(s, 0, lambda r: replace(r, departure=0)),
    ),
    "home after the hard end": (
        "hours",
        lambda p, s: edit(s, 0, lambda r: replace(r, finish=r.finish + 50_000)),
    ),
    "home sooner than possible": (
        "travel",
        lambda p, s: edit(s, 0, lambda r: replace(r, finish=r.stops[-1].end - 1)),
    ),
    "break forgotten": (
        "breaks",
        lambda p, s: edit(s, with_break(s), lambda r: replace(r, pauses=())),
    ),
    "break during a visit": (
        "breaks",
        lambda p, s: edit(
            s,
            with_break(s),
            lambda r: replace(
                r,
                pauses=(
                    replace(r.pauses[0], start=r.stops[0].start + 1, end=r.stops[0].start + 1801),
                ),
            ),
        ),
    ),
    "break shortened": (
        "breaks",
        lambda p, s: edit(
            s,
            with_break(s),
            lambda r: replace(r, pauses=(replace(r.pauses[0], end=r.pauses[0].end - 60),)),
        ),
    ),
    "one of two carers missing": (
        "together",
        lambda p, s: edit(s, (at := pair_route(p, s))[0], lambda r: without(r, at[1])),
    ),
    "pair not starting together": (
        "together",
        lambda p, s: edit(s, (at := pair_route(p, s))[0], lambda r: shift_stop(r, 1, at[1])),
    ),
    "visit forgotten": (
        "served",
        lambda p, s: replace(s, routes=s.routes[1:]),
    ),
    "visit both made and unserved": (
        "served",
        lambda p, s: replace(
            s,
            unserved=(*s.unserved, Unserved(s.routes[0].stops[0].visit, "no_capacity")),
        ),
    ),
    "visit made twice": (
        "together",
        lambda p, s: edit(s, long_route(s), lambda r: replace(r, stops=(*r.stops, r.stops[0]))),
    ),
    "carer without the skill": ("skills", reassign),
    "unknown carer": ("routes", lambda p, s: edit(s, 0, lambda r: replace(r, staff="x"))),
    "unknown shift": ("routes", lambda p, s: edit(s, 0, lambda r: replace(r, shift=7))),
    "one shift in two routes": ("routes", lambda p, s: replace(s, routes=(*s.routes, s.routes[0]))),
    "cost understated": ("cost", lambda p, s: replace(s, cost={**s.cost, "travel": 1})),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plan_is_caught_by_the_rule_it_breaks(name: str) -> None:
    problem, solution = planned()
    assert check(problem, solution, OPTIONS).ok
    rule, breaks = BROKEN[name]
    verdict = check(problem, breaks(problem, solution), OPTIONS)

    assert rule in {v.rule for v in verdict.violations}


def test_links_are_judged() -> None:
    problem, solution = planned()
    starts = {s.visit: s.start for r in solution.routes for s in r.stops}
    link = next(k for k in problem.links if k.first in starts)
    tight = replace(link, min_gap=starts[link.second] - starts[link.first] + 1, max_gap=None)
    stricter = Problem(problem.visits, problem.staff, problem.travel, links=(tight,))

    assert [v.rule for v in check(stricter, solution, OPTIONS).violations] == ["links"]


def test_order_of_input_and_names_of_staff_change_nothing() -> None:
    problem, solution = planned()
    before = check(problem, solution, OPTIONS)
    names = {s.id: f"x{k}" for k, s in enumerate(reversed(problem.staff))}

    def renamed(costs: Mapping[str, int]) -> dict[str, int]:
        return {names[who]: cost for who, cost in costs.items()}

    other = Problem(
        visits=tuple(
            replace(
                v,
                continuity=renamed(v.continuity),
                preference=renamed(v.preference),
                required=frozenset(names[s] for s in v.required),
                forbidden=frozenset(names[s] for s in v.forbidden),
            )
            for v in reversed(problem.visits)
        ),
        staff=tuple(replace(s, id=names[s.id]) for s in reversed(problem.staff)),
        travel=problem.travel,
        links=tuple(reversed(problem.links)),
    )
    routes = tuple(replace(r, staff=names[r.staff]) for r in reversed(solution.routes))
    after = check(other, replace(solution, routes=routes), OPTIONS)

    assert after.violations == ()
    assert after.cost == before.cost
