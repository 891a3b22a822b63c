"""Proof on small parts of a day: against trying everything, and what may change in a repair."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations, product

import numpy as np
import pytest

from solver import (
    MAX_TIME,
    Apart,
    Break,
    Link,
    Options,
    Pause,
    Problem,
    ProblemError,
    Route,
    Shift,
    Solution,
    Staff,
    Stop,
    Unserved,
    Visit,
    Weights,
    Window,
    check,
    solve,
)
from solver.exact import MOST_FREE, optimum, repair
from solver.sample import full_day, street_day
from tests.solver.whole import OPTIONS, whole_day

TINY = Options(
    seconds=30,
    weights=Weights(
        unserved_mandatory=60, waiting=1, largest_late=2, early=3, overtime=4, change_start=2
    ),
)


def tiny(seed: int) -> Problem:
    """Three visits, two carers, and a clock of some twenty seconds."""
    rng = random.Random(seed)
    travel = np.array([[rng.randrange(1, 4) for _ in range(3)] for _ in range(3)], dtype=np.int32)
    np.fill_diagonal(travel, 0)
    visits = []
    for k in range(3):
        at = rng.randrange(3, 11)
        visits.append(
            Visit(
                f"v{k}",
                place=rng.randrange(3),
                duration=rng.randrange(1, 4),
                windows=(Window(at, at + rng.randrange(3)),),
                preferred=Window(at + 1, at + 1),
                carers=2 if rng.random() < 0.3 else 1,
                access=rng.randrange(2),
                continuity={"s0": 0},
                unfamiliar=rng.randrange(3),
            )
        )
    staff = tuple(
        Staff(
            f"s{k}",
            (Shift(0, 14, 0, 0, 18, breaks=(Break(at := rng.randrange(3, 8), at + 2, 2),)),),
            cost_hour=rng.choice([0, 3_600]),
            max_travel=rng.choice([None, 8]),
        )
        for k in range(2)
    )
    link = Link("v0", "v1", 0, rng.choice([None, 6]), "different")
    links = (link,) if rng.random() < 0.4 else ()
    apart = (Apart("v1", "v2"),) if rng.random() < 0.4 else ()
    told = (Route("s1", 0, 0, 0, (Stop("v2", 5, 5, 6),)),)
    return Problem(tuple(visits), staff, (travel,), links=links, apart=apart, previous=told)


@cache
def cheapest(seed: int) -> dict[tuple[tuple[str, ...], ...], int]:
    """Least cost of each way to give visits to carers in some order; by the judge alone."""
    problem, options = tiny(seed), TINY
    names = [s.id for s in problem.staff]

    @cache
    def route(who: str, stops: tuple[tuple[str, int], ...]) -> Route | None:
        return _cheapest_route(problem, options, who, stops)

    best: dict[tuple[tuple[str, ...], ...], int] = {}
    for choice in product(*(list(_ways(v, names)) for v in problem.visits)):
        mine: dict[str, list[tuple[int, str]]] = {name: [] for name in names}
        for visit, (crew, start) in zip(problem.visits, choice, strict=True):
            for name in crew:
                mine[name].append((start, visit.id))
        found = [route(n, tuple((v, t) for t, v in sorted(s))) for n, s in mine.items() if s]
        if None in found:
            continue
        lost = [v.id for v, (crew, _) in zip(problem.visits, choice, strict=True) if not crew]
        routes = tuple(r for r in found if r is not None)
        verdict = check(
            problem, Solution(routes, tuple(Unserved(v, "") for v in lost), {}), options
        )
        if verdict.ok:
            order = tuple(tuple(v for _, v in sorted(s)) for s in mine.values())
            best[order] = min(best.get(order, verdict.total), verdict.total)
    return best


def _ways(visit: Visit, names: list[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    yield (), 0
    for crew in combinations(names, visit.carers):
        for window in visit.windows:
            yield from ((crew, t) for t in range(window.earliest, window.latest + 1))


def _cheapest_route(
    problem: Problem, options: Options, who: str, stops: tuple[tuple[str, int], ...]
) -> Route | None:
    """Leaving, breaks and coming home tried one by one; None: the judge accepts none of them."""
    staff = problem.staff[problem.staff_row(who)]
    shift = staff.shifts[0]
    visits = {v.id: replace(v, carers=1) for v in problem.visits if v.id in dict(stops)}
    alone = Problem(tuple(visits.values()), (staff,), problem.travel)
    made = tuple(Stop(v, t - visits[v].access, t, t + visits[v].duration) for v, t in stops)
    best: tuple[int, Route] | None = None
    rests = [range(b.earliest, b.latest + 1) for b in shift.breaks]
    for leave in range(shift.start, made[0].arrival + 1):
        for home in range(made[-1].end, shift.latest_return + 1):
            for begins in product(*rests):
                pauses = tuple(
                    Pause(k, t, t + b.duration)
                    for k, (t, b) in enumerate(zip(begins, shift.breaks, strict=True))
                )
                route = Route(who, 0, leave, home, made, pauses)
                verdict = check(alone, Solution((route,), (), {}), options)
                if verdict.ok and (best is None or verdict.total < best[0]):
                    best = verdict.total, route
    return None if best is None else best[1]


@pytest.mark.parametrize("seed", range(10))
def test_the_optimum_is_the_cheapest_of_all_plans_the_judge_accepts(seed: int) -> None:
    problem = tiny(seed)
    found = optimum(problem, TINY)

    assert found.proven
    assert found.solution.total == min(cheapest(seed).values())


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("count", [0, 1])
def test_a_repair_is_the_cheapest_plan_that_keeps_the_others_in_their_order(
    seed: int, count: int
) -> None:
    problem = tiny(seed)
    everything = cheapest(seed)
    given = repair(problem, solve(problem, replace(TINY, iterations=5)), (), TINY).solution
    free = {f"v{k}" for k in range(count)}
    mine = {r.staff: [s.visit for s in r.stops] for r in given.routes}
    kept = tuple(tuple(v for v in mine.get(s.id, ()) if v not in free) for s in problem.staff)
    allowed = [
        cost
        for order, cost in everything.items()
        if tuple(tuple(v for v in one if v not in free) for one in order) == kept
    ]
    found = repair(problem, given, free, TINY)

    assert found.proven
    assert found.solution.total == min(allowed)


@pytest.mark.parametrize("seed", range(12))
def test_a_repair_is_possible_never_dearer_and_moves_nobody_else(seed: int) -> None:
    problem = whole_day(seed)
    rng = random.Random(seed)
    options = replace(OPTIONS, iterations=0)
    given = solve(problem, options)
    free = {v.id for v in rng.sample(problem.visits, 3)}
    found = repair(problem, given, free, options)

    assert check(problem, found.solution, options).ok
    assert found.bound <= found.solution.total <= given.total
    assert orders(found.solution, free) == orders(given, free)
    assert found.solution.routes == repair(problem, given, free, options).solution.routes


def orders(solution: Solution, free: set[str]) -> dict[tuple[str, int], list[str]]:
    """Who makes what in which order, but for the free visits."""
    kept = {
        (r.staff, r.shift): [s.visit for s in r.stops if s.visit not in free]
        for r in solution.routes
    }
    return {lane: visits for lane, visits in kept.items() if visits}


def test_routes_that_nothing_ties_to_the_free_visits_keep_their_times_and_are_counted() -> None:
    base = street_day(24, 6, 5, rich=True)
    people = tuple(
        replace(s, skills={"north" if k < 3 else "south": 1}) for k, s in enumerate(base.staff)
    )
    visits = tuple(
        replace(v, skills={"north" if k % 2 else "south": 1}, carers=1)
        for k, v in enumerate(base.visits)
    )
    problem = Problem(visits, people, base.travel)
    options = Options(seconds=30, iterations=0, weights=Weights(largest_late=5))
    given = without(solve(problem, options), "v1", "v3")
    found = repair(problem, given, ["v1", "v3"], options)
    south = [r for r in given.routes if r.staff in ("s3", "s4", "s5")]

    assert [r for r in found.solution.routes if r.staff in ("s3", "s4", "s5")] == south
    assert found.proven
    assert found.solution.total < check(problem, given, options).total


def without(solution: Solution, *gone: str) -> Solution:
    """The plan with some visits left out, all others as they are."""
    routes = tuple(
        replace(r, stops=tuple(s for s in r.stops if s.visit not in gone)) for r in solution.routes
    )
    lost = (Unserved(v, "no_capacity") for v in gone)
    return Solution(routes, (*solution.unserved, *lost), {})


def test_an_agreed_start_slides_to_where_all_of_a_day_is_cheapest() -> None:
    late = Window(40_000, 40_000)
    visits = (
        Visit("both", 0, 600, (Window(30_000, 50_000),), preferred=late, carers=2),
        Visit("then", 0, 600, (Window(30_000, 50_000),), preferred=Window(40_600, 40_600)),
    )
    shift = Shift(30_000, 60_000)
    staff = (Staff("a", (shift,)), Staff("b", (shift,)))
    problem = Problem(visits, staff, (np.zeros((1, 1), dtype=np.int32),))
    options = Options(seconds=30)
    stops = (Stop("both", 30_000, 30_000, 30_600), Stop("then", 30_600, 30_600, 31_200))
    given = Solution(
        (Route("a", 0, 30_000, 31_200, stops), Route("b", 0, 30_000, 30_600, stops[:1])), (), {}
    )
    found = repair(problem, given, (), options)

    assert found.proven
    assert found.solution.total == 0


def test_the_last_step_of_a_search_makes_a_shared_day_cheaper_and_breaks_nothing() -> None:
    problem = street_day(40, 8, 3, rich=True)
    options = Options(seconds=60, iterations=600, seed=1)
    found = solve(problem, options)
    slid = repair(problem, found, (), options)

    assert check(problem, found, options).ok
    # It is there already: nothing in these orders can be any cheaper.
    assert slid.proven
    assert slid.solution.total == found.total


@pytest.mark.parametrize("seed", range(8))
def test_the_same_day_gives_the_same_optimum_twice(seed: int) -> None:
    problem = full_day(seed, visits=5, staff=3)
    one, two = (optimum(problem, TINY) for _ in range(2))

    assert (one.solution.routes, one.bound) == (two.solution.routes, two.bound)


def test_a_day_with_nothing_to_do_or_nobody_to_do_it_is_proven() -> None:
    travel = (np.zeros((1, 1), dtype=np.int32),)
    alone = Visit("a", 0, 600, (Window(30_000, 40_000),))

    assert optimum(Problem((), (), travel)).bound == 0
    assert optimum(Problem((alone,), (), travel)).bound == Weights().unserved_mandatory


def test_what_is_too_large_unknown_or_stuck_is_refused() -> None:
    large = street_day(MOST_FREE + 1, 3, 1)
    small = street_day(4, 3, 1)
    many = street_day(12, 90, 1)
    nothing = Solution((), (), {})
    early = Stop("v0", 0, 0, 1)
    faults: dict[str, Callable[[], object]] = {
        "exact.visits": lambda: optimum(large),
        "exact.places": lambda: optimum(many),
        "exact.visit": lambda: repair(small, nothing, ["q"]),
        "exact.stuck": lambda: repair(
            replace_window(small), Solution((Route("s0", 0, 0, 1, (early,)),), (), {}), ["v1"]
        ),
        "cost.overflow": lambda: optimum(
            endless(),
            Options(weights=Weights(late=10**9, overtime=10**9)),
        ),
    }
    for code, wrong in faults.items():
        with pytest.raises(ProblemError) as caught:
            wrong()
        assert caught.value.code == code


def endless() -> Problem:
    """A day of three years, with the dearest seconds there can be."""
    long = Shift(0, 0, hard_end=MAX_TIME)
    late = Window(0, MAX_TIME)
    return Problem(
        tuple(Visit(f"v{k}", 0, 600, (late,), preferred=Window(0, 0)) for k in range(12)),
        tuple(Staff(f"s{k}", (long,)) for k in range(83)),
        (np.zeros((1, 1), dtype=np.int32),),
    )


def replace_window(problem: Problem) -> Problem:
    """A day whose first visit begins before anybody is at work."""
    first = replace(problem.visits[0], windows=(Window(0, 10),))
    return Problem((first, *problem.visits[1:]), problem.staff, problem.travel)
