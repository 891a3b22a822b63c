"""Order pins: what must come directly after what, or first, on the same route."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver import (
    Link,
    Options,
    Pin,
    Problem,
    Route,
    Shift,
    Solution,
    Staff,
    Visit,
    Window,
    check,
    solve,
    suggest,
)
from solver.relax import relaxations
from solver.sample import street_day

HOUR = 3600
QUICK = Options(seconds=60, iterations=200)
ALL_DAY = (Window(8 * HOUR, 15 * HOUR),)


def visit(name: str, place: int, **more: object) -> Visit:
    return Visit(name, place, 1800, **({"windows": ALL_DAY} | more))  # type: ignore[arg-type]


def day(*pins: Pin, visits: tuple[Visit, ...] | None = None, **more: object) -> Problem:
    """Three places in a row, 10 minutes apart; the cheapest order is a, b, c or c, b, a."""
    along = np.abs(np.arange(4)[:, None] - np.arange(4)[None, :]).astype(np.int32) * 600
    base: dict[str, object] = {
        "visits": visits or (visit("a", 1), visit("b", 2), visit("c", 3)),
        "staff": (Staff("s", (Shift(8 * HOUR, 16 * HOUR, 0),)),),
        "travel": (along,),
        "pins": pins,
    }
    return Problem(**(base | more))  # type: ignore[arg-type]


def order(solution: Solution) -> list[str]:
    return [s.visit for r in solution.routes for s in r.stops]


@pytest.mark.parametrize("engine", ["kernels", "routing"])
def test_a_visit_comes_directly_after_the_one_it_is_pinned_to(engine: str) -> None:
    problem = day(Pin("a", after="c"))
    options = replace(QUICK, engine=engine, iterations=20 if engine == "routing" else 200)
    solution = solve(problem, options)

    assert check(problem, solution).violations == ()
    assert order(solution) == ["b", "c", "a"]


@pytest.mark.parametrize("engine", ["kernels", "routing"])
def test_a_visit_pinned_first_opens_its_route(engine: str) -> None:
    problem = day(Pin("c", first=True), Pin("a", after="c"))
    options = replace(QUICK, engine=engine, iterations=20 if engine == "routing" else 200)
    solution = solve(problem, options)

    assert check(problem, solution).violations == ()
    assert order(solution) == ["c", "a", "b"]


def test_the_judge_sees_a_pinned_order_that_is_not_kept() -> None:
    plain = solve(day(), QUICK)
    for pin in (Pin("a", after="c"), Pin("b", first=True)):
        verdict = check(day(pin), replace(plain, cost={}))

        assert [(v.rule, v.code) for v in verdict.violations] == [("pins", "pin.order")]


def test_a_follower_stays_out_with_its_leader_but_not_the_other_way_round() -> None:
    nobody_can = visit("c", 3, skills={"wound": 1})
    alone = solve(
        day(Pin("a", after="c"), visits=(visit("a", 1), visit("b", 2), nobody_can)), QUICK
    )
    led = solve(
        day(Pin("c", after="a"), visits=(visit("a", 1), visit("b", 2), nobody_can)),
        QUICK,
    )

    assert {u.visit: u.reason for u in alone.unserved} == {"a": "linked", "c": "no_skill"}
    assert {u.visit for u in led.unserved} == {"c"}


def test_a_shared_visit_leads_one_of_its_carers_on_to_the_next() -> None:
    staff = tuple(Staff(n, (Shift(8 * HOUR, 16 * HOUR, 0),)) for n in ("s", "t"))
    visits = (visit("pair", 1, carers=2), visit("next", 3), visit("b", 2))
    problem = day(Pin("next", after="pair"), visits=visits, staff=staff)
    solution = solve(problem, QUICK)

    assert check(problem, solution).violations == ()
    assert solution.unserved == ()


def test_a_plan_against_a_new_order_pin_is_mended_and_the_rest_kept() -> None:
    problem = street_day(40, 10, 2, rich=True)
    thorough = replace(QUICK, iterations=5_000)
    before = solve(problem, thorough)
    linked = {end for k in problem.links for end in (k.first, k.second)}
    single = {v.id for v in problem.visits if v.carers == 1 and v.mandatory} - linked

    def pair(route: Route) -> tuple[str, str] | None:
        """Two visits of a route with one between them whose windows also allow neighbours."""
        for one, _, two in zip(route.stops, route.stops[1:], route.stops[2:], strict=False):
            if {one.visit, two.visit} <= single:
                return one.visit, two.visit
        return None

    lead, follow = next(p for r in before.routes if (p := pair(r)) is not None)
    pinned = Problem(
        visits=problem.visits,
        staff=problem.staff,
        travel=problem.travel,
        links=problem.links,
        pins=(Pin(follow, after=lead),),
        previous=before.routes,
    )
    after = solve(pinned, replace(thorough, mild=True), start=before)

    assert check(pinned, after).violations == ()
    assert all(follow != u.visit for u in after.unserved)


def test_a_linked_visit_may_be_pinned_after_its_partner() -> None:
    problem = day(
        Pin("c", after="a"),
        links=(Link("a", "c", 1800, 3 * HOUR, "same"),),
    )
    solution = solve(problem, QUICK)

    assert check(problem, solution).violations == ()
    assert solution.unserved == ()


def test_a_suggested_visit_never_parts_a_pinned_couple() -> None:
    pin = Pin("c", after="a")
    plan = solve(day(pin, visits=(visit("a", 1), visit("c", 3))), QUICK)
    offers = suggest(day(pin), plan, "b", options=QUICK)

    assert offers
    for offer in offers:
        stops = [s.visit for s in offer.routes[0].stops]
        assert stops.index("c") == stops.index("a") + 1


def test_each_part_of_a_pin_is_a_rule_that_can_give() -> None:
    other = Staff("t", (Shift(8 * HOUR, 16 * HOUR, 0),))
    off = Staff("off", ())
    staff = (Staff("s", (Shift(8 * HOUR, 10 * HOUR, 0),)), other, off)

    def rules(pin: Pin, *visits: Visit) -> set[str]:
        problem = day(pin, visits=visits, staff=staff)
        found = relaxations(problem, solve(problem, QUICK), pin.visit, options=QUICK)
        return {r.rule for r in found if r.rule.startswith("pin")}

    a, c = visit("a", 1), visit("c", 3, skills={"wound": 1})
    assert rules(Pin("a", staff=("off",)), a) == {"pin_carer"}
    assert rules(Pin("a", start=20 * HOUR), a) == {"pin_start"}
    assert rules(Pin("a", after="c"), a, c) == {"pin_order"}
