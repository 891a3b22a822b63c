"""One visit moved by hand: the others keep their carers and order, and the judge speaks."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model.ids import DemandId, StaffId
from carecoord.planning.moving import Wish, move
from solver import Options, Problem, Solution, check, solve
from solver.sample import street_day

QUICK = Options(seconds=300, iterations=300, seed=1)


def planned(seed: int) -> tuple[Problem, Solution]:
    problem = street_day(16, 4, seed=seed, rich=True)
    return problem, replace(solve(problem, QUICK), cost={})


def order(solution: Solution, without: str) -> dict[tuple[str, int], list[str]]:
    found = {
        (r.staff, r.shift): [s.visit for s in r.stops if s.visit != without]
        for r in solution.routes
    }
    return {key: visits for key, visits in found.items() if visits}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.data())
def test_a_move_keeps_all_others_and_says_truly_what_it_costs(
    seed: int, data: st.DataObject
) -> None:
    problem, present = planned(seed)
    visit = data.draw(st.sampled_from(problem.visits))
    staff = data.draw(
        st.lists(
            st.sampled_from([s.id for s in problem.staff if s.shifts]),
            min_size=visit.carers,
            max_size=visit.carers,
            unique=True,
        )
    )
    start = data.draw(st.none() | st.integers(7 * 3600, 18 * 3600))
    wish = Wish(DemandId(visit.id), tuple(StaffId(s) for s in staff), start)

    found = move(problem, present, wish, QUICK)

    assert order(found.solution, visit.id) == order(present, visit.id)
    assert {r.staff for r in found.solution.routes for s in r.stops if s.visit == visit.id} == set(
        staff
    )
    verdict = check(problem, found.solution, QUICK)
    assert dict(verdict.cost) == dict(found.after)
    assert dict(check(problem, present, QUICK).cost) == dict(found.before)
    if not found.violations:
        assert verdict.ok
    assert sum(found.change.values()) == verdict.total - sum(found.before.values())


def test_a_visit_back_in_its_own_place_changes_nothing() -> None:
    problem, present = planned(1)
    route = next(r for r in present.routes if len(r.stops) > 2)
    stop = next(
        s for s in route.stops[1:] if problem.visits[problem.visit_row(s.visit)].carers == 1
    )
    before = route.stops[route.stops.index(stop) - 1].visit
    wish = Wish(DemandId(stop.visit), (StaffId(route.staff),), stop.start, DemandId(before))

    found = move(problem, present, wish, QUICK)

    assert (found.change, found.violations) == ({}, ())


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(DemandId("nothing"), (StaffId("x"),)), "move.visit"),
        (Wish(DemandId("v"), (StaffId("nobody"),)), "move.staff"),
        (Wish(DemandId("v"), ()), "move.staff"),
        (Wish(DemandId("v"), (StaffId("s"),), after=DemandId("nowhere")), "move.after"),
    ],
)
def test_what_makes_no_sense_is_refused(wish: Wish, code: str) -> None:
    problem, present = planned(1)
    single = next(v for v in problem.visits if v.carers == 1)
    named = {"v": single.id, "s": problem.staff[0].id}
    wish = replace(
        wish,
        demand=DemandId(named.get(wish.demand, wish.demand)),
        staff=tuple(StaffId(named.get(s, s)) for s in wish.staff),
    )

    with pytest.raises(Invalid) as caught:
        move(problem, present, wish, QUICK)

    assert caught.value.code == code


def test_a_start_outside_every_window_is_done_as_asked_and_blamed() -> None:
    problem, present = planned(2)
    visit = next(v for v in problem.visits if v.carers == 1 and v.windows[-1].latest < 15 * 3600)
    staff = next(s for s in problem.staff if s.shifts and s.shifts[0].latest_return > 17 * 3600)
    wish = Wish(DemandId(visit.id), (StaffId(staff.id),), 16 * 3600)

    found = move(problem, present, wish, QUICK)

    assert "windows" in {one.rule for one in found.violations}
    start = next(s.start for r in found.solution.routes for s in r.stops if s.visit == visit.id)
    assert start >= 16 * 3600
