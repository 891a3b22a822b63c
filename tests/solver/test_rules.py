"""Each rule by itself: the search keeps it, and the judge sees when a plan does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver import (
    Apart,
    Options,
    Pace,
    Problem,
    Shift,
    Solution,
    Staff,
    Visit,
    Weights,
    Window,
    check,
    solve,
)

HOUR = 3600
QUICK = Options(seconds=60, iterations=300)
SHIFT = Shift(8 * HOUR, 16 * HOUR, 0, 0)
ALONG = np.abs(np.arange(5)[:, None] - np.arange(5)[None, :]).astype(np.int32) * 600


def visit(name: str, place: int, **more: object) -> Visit:
    base: dict[str, object] = {"duration": 1800, "windows": (Window(8 * HOUR, 15 * HOUR),)}
    return Visit(name, place, **(base | more))  # type: ignore[arg-type]


def day(*visits: Visit, staff: tuple[Staff, ...] = (), **more: object) -> Problem:
    people = staff or (Staff("s", (SHIFT,)), Staff("t", (SHIFT,)))
    base: dict[str, object] = {"visits": visits, "staff": people, "travel": (ALONG,)}
    return Problem(**(base | more))  # type: ignore[arg-type]


def judged(problem: Problem, options: Options = QUICK) -> Solution:
    solution = solve(problem, options)
    assert check(problem, solution, options).violations == ()
    return solution


def starts(solution: Solution) -> dict[str, int]:
    return {s.visit: s.start for r in solution.routes for s in r.stops}


def who(solution: Solution) -> dict[str, str]:
    return {s.visit: r.staff for r in solution.routes for s in r.stops}


@pytest.mark.parametrize("engine", ["kernels", "routing"])
@pytest.mark.parametrize("gap", [0, 900])
def test_visits_apart_never_overlap_whoever_makes_them(engine: str, gap: int) -> None:
    nine = (Window(9 * HOUR, 10 * HOUR),)
    visits = (visit("a", 1, windows=nine), visit("b", 4, windows=nine), visit("c", 2, carers=2))
    problem = day(*visits, apart=(Apart("a", "b", gap), Apart("c", "b")))
    options = replace(QUICK, engine=engine, iterations=30 if engine == "routing" else 300)
    at = starts(judged(problem, options))

    assert abs(at["a"] - at["b"]) >= 1800 + gap


def test_one_of_two_visits_that_cannot_be_apart_stays_out_alone() -> None:
    nine = (Window(9 * HOUR, 9 * HOUR),)
    visits = (visit("a", 1, windows=nine), visit("b", 2, windows=nine, priority=1))
    solution = judged(day(*visits, apart=(Apart("a", "b"),)))

    assert [u.visit for u in solution.unserved] == ["a"]


def test_whoever_has_a_higher_level_or_an_own_time_is_done_sooner() -> None:
    bath = visit("a", 1, paces=(Pace("care", 2, 1200),), duration_by={"u": 900})
    for name, skills, long in (("s", {}, 1800), ("t", {"care": 2}, 1200), ("u", {}, 900)):
        solution = judged(day(bath, staff=(Staff(name, (SHIFT,), skills=skills),)))
        (stop,) = solution.routes[0].stops
        assert stop.end - stop.start == long


def test_nobody_travels_longer_than_allowed_over_the_day() -> None:
    visits = tuple(visit(f"v{k}", k) for k in (1, 2, 3, 4))
    near = Staff("near", (SHIFT,), max_travel=1200)
    solution = judged(day(*visits, staff=(near, Staff("far", (SHIFT,), cost_use=90_000))))

    assert solution.unserved == ()
    assert who(solution)["v4"] == "far"
    assert {v for v, s in who(solution).items() if s == "near"} <= {"v1"}


def test_no_leg_is_longer_than_allowed() -> None:
    visits = tuple(visit(f"v{k}", k) for k in (1, 2, 3))
    solution = judged(day(*visits, staff=(Staff("s", (SHIFT,), max_leg=1200),)))
    alone = judged(day(visit("v3", 3), staff=(Staff("s", (SHIFT,), max_leg=1200),)))

    assert solution.unserved == ()
    assert [u.visit for u in alone.unserved] == ["v3"]


def test_paid_hours_shorten_the_day() -> None:
    visits = (visit("a", 1), visit("b", 2, windows=(Window(12 * HOUR, 12 * HOUR),)))
    free = judged(day(*visits, staff=(Staff("s", (SHIFT,)),)))
    paid = judged(day(*visits, staff=(Staff("s", (SHIFT,), cost_hour=3600),)))
    (route,) = paid.routes

    assert paid.cost["duty"] == route.finish - route.departure
    assert route.finish - route.departure == 2 * 1800 + 4 * 600
    assert free.cost["duty"] == 0


def test_kilometres_decide_who_goes() -> None:
    dear = Staff("dear", (SHIFT,), cost_km=5000)
    cheap = Staff("cheap", (SHIFT,), cost_km=100)
    solution = judged(day(visit("a", 2), staff=(dear, cheap), metres=(ALONG * 2,)))

    assert who(solution) == {"a": "cheap"}
    assert solution.cost["distance"] == 100 * 4800 // 1000


def test_a_carer_of_the_area_goes_when_it_costs_less_than_the_way() -> None:
    inside = Staff("in", (replace(SHIFT, start_place=4, end_place=4),), areas=frozenset({"north"}))
    outside = Staff("out", (SHIFT,), areas=frozenset({"south"}))
    problem = day(visit("a", 1, area="north"), staff=(inside, outside))
    near, dear = judged(problem), replace(QUICK, weights=Weights(outside_area=20_000))

    assert (who(near)["a"], near.cost["area"]) == ("out", 600)
    assert who(judged(problem, dear))["a"] == "in"


def test_a_visit_due_today_comes_before_one_that_can_wait() -> None:
    nine = (Window(9 * HOUR, 9 * HOUR),)
    base = {"windows": nine, "mandatory": False}
    visits = (visit("later", 1, due=3, **base), visit("now", 4, due=0, **base))
    solution = judged(day(*visits, staff=(Staff("s", (SHIFT,)),)))

    assert [u.visit for u in solution.unserved] == ["later"]
    assert solution.cost["unserved"] == 100_000 + 200_000 // 4


def test_hard_visits_are_shared_out() -> None:
    visits = tuple(visit(f"v{k}", 1, hard=True) for k in range(4))
    alone = judged(day(*visits))
    shared = judged(day(*visits), replace(QUICK, weights=Weights(hard=50_000)))

    assert len(alone.routes) == 1
    assert sorted(len(r.stops) for r in shared.routes) == [2, 2]
    assert shared.cost["hard"] == 0


def test_the_largest_lateness_is_lowered_inside_the_search() -> None:
    """With breaks the order search has no say; one visit very late costs more than two a bit."""
    wish = Window(9 * HOUR, 9 * HOUR)
    visits = tuple(visit(f"v{k}", 1, preferred=wish, duration=3600) for k in range(4))
    weights = Weights(largest_late=1000, late=0, early=0)
    solution = judged(day(*visits), replace(QUICK, weights=weights))

    assert sorted(len(r.stops) for r in solution.routes) == [2, 2]
    assert solution.cost["largest_late"] == 1000 * 600


def test_the_judge_sees_every_new_rule_broken() -> None:
    visits = (visit("a", 1), visit("b", 3))
    plain = replace(solve(day(*visits), QUICK), cost={})
    (route,) = plain.routes

    def broken(problem: Problem) -> set[tuple[str, str]]:
        return {(v.rule, v.code) for v in check(problem, plain).violations}

    def staff(**limits: int) -> tuple[Staff, ...]:
        return (
            Staff("s", (SHIFT,), **limits),  # type: ignore[arg-type]
            Staff("t", (SHIFT,), **limits),  # type: ignore[arg-type]
        )

    assert broken(day(*visits, staff=staff(max_travel=100))) == {("travel", "staff.travel")}
    assert broken(day(*visits, staff=staff(max_leg=700))) == {("travel", "staff.leg")}
    wide = Apart(route.stops[0].visit, route.stops[1].visit, 3 * HOUR)
    assert broken(day(*visits, apart=(wide,))) == {("apart", "apart.overlap")}
    slow = (visit("a", 1, duration_by={route.staff: 2000}), visit("b", 3))
    assert broken(day(*slow)) == {("duration", "visit.duration")}


def test_what_breaks_a_rule_of_the_day_is_taken_out_of_a_given_plan_and_the_rest_kept() -> None:
    visits = (visit("a", 1), visit("b", 3), visit("c", 4))
    before = judged(day(*visits))
    after = replace(before.routes[0].stops[0], visit="x")
    assert after.visit not in who(before)
    changed = day(visits[0], replace(visits[1], forbidden=frozenset({"s", "t"})), visits[2])
    kept = solve(changed, replace(QUICK, iterations=0), start=before)

    assert check(changed, kept, QUICK).violations == ()
    assert {v: s for v, s in who(before).items() if v != "b"} == who(kept)
