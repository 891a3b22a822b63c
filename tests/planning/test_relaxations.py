"""Reasons and relaxations: each "cannot" really cannot, and each relaxation really inserts.

The oracle knows nothing of the search: it tries every position and every placing of breaks with a
clock of its own, and asks `solver.check` about each route it makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from carecoord.planning import fit, ground
from carecoord.planning.ground import Ground
from carecoord.planning.insertions import AS_IS, Insertions, Loose
from carecoord.planning.reasons import answers, together
from carecoord.planning.relaxations import Relaxation, relaxations
from solver import (
    UNREACHABLE,
    Options,
    Pause,
    Pin,
    Problem,
    Route,
    Shift,
    Solution,
    Staff,
    Stop,
    Visit,
    Weights,
    Window,
    check,
    solve,
)
from solver.sample import odd_day, street_day

DAYS = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def crowded(seed: int, visits: int = 22, staff: int = 3) -> Ground:
    """A day of which a part stays undone."""
    problem = street_day(visits, staff, seed, rich=True)
    plan = solve(problem, Options(seconds=60, iterations=60))
    return ground.of(problem, plan, Weights())


def odd(seed: int) -> Ground:
    problem = odd_day(seed)
    plan = solve(problem, Options(seconds=60, iterations=30))
    return ground.of(problem, plan, Weights())


# ---- the oracle ----


def held(problem: Problem, solution: Solution) -> dict[str, int]:
    """Starts agreed between several people."""
    tied = {end for k in problem.links for end in (k.first, k.second)}
    return {
        s.visit: s.start
        for r in solution.routes
        for s in r.stops
        if s.visit in tied or problem.visits[problem.visit_row(s.visit)].carers > 1
    }


def timed(
    problem: Problem, who: Staff, k: int, order: Sequence[str], keep: dict[str, int]
) -> Iterator[Route]:
    """The earliest times of an order of visits, once for each placing of the breaks."""
    shift = who.shifts[k]
    gaps = range(len(order) + 2)
    for chosen in combinations_with_replacement(gaps, len(shift.breaks)):
        route = _timed(problem, who, k, order, keep, chosen)
        if route is not None:
            yield route


def _timed(
    problem: Problem,
    who: Staff,
    k: int,
    order: Sequence[str],
    keep: dict[str, int],
    chosen: tuple[int, ...],
) -> Route | None:
    shift, way = who.shifts[k], problem.travel[who.mode]
    pins = {p.visit: p for p in problem.pins}
    now, here, group = shift.start, shift.start_place, None
    stops: list[Stop] = []
    pauses: list[Pause] = []

    def go(gap: int, need: int) -> int | None:
        """When one is ready after the way and the breaks of a gap."""
        ready, free = now + need, now
        for index, one in enumerate(shift.breaks):
            if chosen[index] != gap:
                continue
            begin = max(free, one.earliest)
            if begin > one.latest:
                return None
            pauses.append(Pause(index, begin, begin + one.duration))
            ready = max(ready, begin) + one.duration
            free = begin + one.duration
        return ready

    for gap, id_ in enumerate(order):
        visit = problem.visits[problem.visit_row(id_)]
        travel = 0 if here is None else int(way[here, visit.place])
        if travel == UNREACHABLE:
            return None
        access = 0 if visit.group is not None and visit.group == group else visit.access
        ready = go(gap, travel + access)
        if ready is None:
            return None
        fixed = keep.get(id_, pins[id_].start if id_ in pins else None)
        windows = visit.windows if fixed is None else (Window(fixed, fixed),)
        start = next((max(w.earliest, ready) for w in windows if ready <= w.latest), None)
        if start is None:
            return None
        stops.append(Stop(id_, start - access, start, start + visit.duration))
        now, here, group = start + visit.duration, visit.place, visit.group
    back = 0 if here is None or shift.end_place is None else int(way[here, shift.end_place])
    if back == UNREACHABLE:
        return None
    finish = go(len(order), back)
    if finish is None:
        return None
    now = finish
    if go(len(order) + 1, 0) is None:
        return None
    return Route(who.id, k, shift.start, finish, tuple(stops), tuple(pauses))


def places(day: Ground, problem: Problem, visit: str, staff: str) -> Iterator[Route]:
    """Every route in which the judge lets a carer make the visit, the other stops in order."""
    keep = held(day.problem, day.solution)
    who = problem.staff[problem.staff_row(staff)]
    routes = {(r.staff, r.shift): r for r in day.solution.routes}
    for k in range(len(who.shifts)):
        had = routes.get((staff, k))
        order = [s.visit for s in had.stops] if had else []
        for at in range(len(order) + 1):
            for route in timed(problem, who, k, [*order[:at], visit, *order[at:]], keep):
                if accepted(day, problem, [route]):
                    yield route


def accepted(day: Ground, problem: Problem, routes: Sequence[Route]) -> bool:
    """Whether the judge finds nothing broken that was not broken before."""
    after = ground.with_routes(problem, day.solution, routes)
    verdict = check(problem, after, Options(weights=day.weights))
    return all(one in day.verdict.violations for one in verdict.violations)


def single(day: Ground) -> list[Visit]:
    """Visits that nobody makes, for one carer."""
    linked = {end for k in day.problem.links for end in (k.first, k.second)}
    gone = {u.visit for u in day.solution.unserved}
    return [v for v in day.problem.visits if v.id in gone - linked and v.carers == 1]


# ---- reasons ----


@DAYS
@given(st.integers(0, 10**6))
def test_a_carer_who_cannot_has_no_place_and_one_who_can_has_the_place_named(seed: int) -> None:
    day = crowded(seed)
    wanted = single(day)
    assume(wanted)
    for visit in wanted[:3]:
        tries = Insertions(day.problem, day.solution, visit.id, day.weights)
        for one in answers(tries):
            exists = any(places(day, day.problem, visit.id, one.staff))
            assert exists == (not one.reasons), one
            if one.found is not None:
                assert accepted(day, day.problem, [one.found.route])


@DAYS
@given(st.integers(0, 10**6))
def test_on_odd_days_too_a_carer_who_cannot_has_no_place(seed: int) -> None:
    day = odd(seed)
    wanted = single(day)
    assume(wanted and day.problem.staff)
    for visit in wanted[:3]:
        tries = Insertions(day.problem, day.solution, visit.id, day.weights)
        for one in answers(tries):
            exists = any(places(day, day.problem, visit.id, one.staff))
            assert exists == (not one.reasons), one


@DAYS
@given(st.integers(0, 10**6))
def test_each_reason_still_forbids_with_those_before_it_away_and_all_away_there_is_a_place(
    seed: int,
) -> None:
    day = crowded(seed)
    wanted = single(day)
    assume(wanted)
    tries = Insertions(day.problem, day.solution, wanted[0].id, day.weights)
    for one in answers(tries):
        away: frozenset[str] = frozenset()
        for reason in one.reasons:
            assert tries.best(one.staff, Loose(without=away)) is None  # type: ignore[arg-type]
            away |= {reason.rule}
        assert tries.best(one.staff, Loose(without=away)) is not None  # type: ignore[arg-type]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_where_no_two_can_begin_together_no_minute_of_the_day_has_two(seed: int) -> None:
    day = crowded(seed, 16, 3)
    gone = {u.visit for u in day.solution.unserved}
    linked = {end for k in day.problem.links for end in (k.first, k.second)}
    pairs = [v for v in day.problem.visits if v.carers == 2 and v.id in gone - linked]
    assume(pairs)
    visit = pairs[0]
    tries = Insertions(day.problem, day.solution, visit.id, day.weights)
    people = [s.id for s in day.problem.staff if s.shifts]
    found = together(tries, people, AS_IS)
    if found is not None:
        assert accepted(day, day.problem, [one.route for one in found.values()])
        assert len({one.start for one in found.values()}) == 1
        assert fit.places(day, visit.id)
        return
    assert fit.places(day, visit.id) == ()
    row = day.problem.visit_row(visit.id)
    for window in visit.windows:
        for start in range(window.earliest, window.latest + 1, 600):
            at = replace(visit, windows=(Window(start, start),), carers=1)
            alone = _with(day.problem, row, at)
            able = [who for who in people if any(places(day, alone, visit.id, who))]
            assert len(able) < 2, (start, able)


# ---- relaxations ----


def made(one: Relaxation, visit: str) -> list[str]:
    return [r.staff for r in one.step.solution.routes for s in r.stops if s.visit == visit]


@DAYS
@given(st.integers(0, 10**6))
def test_every_relaxation_leads_to_a_plan_that_the_judge_accepts(seed: int) -> None:
    day = crowded(seed)
    gone = [u.visit for u in day.solution.unserved]
    assume(gone)
    for visit in gone[:4]:
        for one in relaxations(day, visit):
            verdict = check(one.step.problem, one.step.solution, Options(weights=day.weights))
            assert all(v in day.verdict.violations for v in verdict.violations)
            assert sorted(made(one, visit)) == sorted(one.staff)
            left = {u.visit for u in one.step.solution.unserved}
            lost = left - set(gone)
            assert lost == ({one.facts["visit"]} if one.kind == "leave" else set())
            assert visit not in left


@DAYS
@given(st.integers(0, 10**6))
def test_a_minute_less_of_a_later_start_or_of_overtime_is_not_enough(seed: int) -> None:
    day = crowded(seed)
    wanted = single(day)
    assume(wanted)
    people = [s.id for s in day.problem.staff if s.shifts]
    for visit in wanted[:2]:
        for one in relaxations(day, visit.id):
            less = one.amount - 60
            if one.kind in ("later", "earlier") and less > 0:
                row = day.problem.visit_row(visit.id)
                wider = replace(visit, windows=_stretched(visit.windows, one.kind, less))
                looser = _with(day.problem, row, wider)
            elif one.kind == "overtime" and less >= 0:
                staff = tuple(
                    replace(s, shifts=tuple(_longer(x, less, s.shifts) for x in s.shifts))
                    for s in day.problem.staff
                )
                looser = replace(day.problem, staff=staff)
            else:
                continue
            assert not any(any(places(day, looser, visit.id, who)) for who in people), one


def _stretched(windows: Sequence[Window], kind: str, by: int) -> tuple[Window, ...]:
    """Every window wider on one side, those that meet joined."""
    out: list[Window] = []
    for w in windows:
        low = w.earliest - (by if kind == "earlier" else 0)
        high = w.latest + (by if kind == "later" else 0)
        if out and low <= out[-1].latest + 1:
            low = out.pop().earliest
        out.append(Window(max(0, low), high))
    return tuple(out)


def _longer(shift: Shift, by: int, all_: Sequence[Shift]) -> Shift:
    following = [x.start for x in all_ if x.start >= shift.latest_return and x is not shift]
    latest = min([shift.latest_return + by, *following])
    return replace(shift, hard_end=latest)


def _with(problem: Problem, row: int, visit: Visit) -> Problem:
    return replace(problem, visits=(*problem.visits[:row], visit, *problem.visits[row + 1 :]))


def two_carers(**more: object) -> Ground:
    """Two people from 8 to 12 with two visits that fill 9 to 11, and a third visit at 9:30."""
    import numpy as np

    hour = 3600
    travel = np.full((4, 4), 600, dtype=np.int32)
    np.fill_diagonal(travel, 0)
    wanted = Visit("new", 3, 1800, (Window(9 * hour, 10 * hour),), **more)  # type: ignore[arg-type]
    visits = (
        Visit("a", 1, 2 * hour, (Window(9 * hour, 9 * hour),), priority=2),
        Visit("b", 2, 2 * hour, (Window(9 * hour, 9 * hour),), priority=8),
        wanted,
    )
    staff = tuple(Staff(f"s{k}", (Shift(8 * hour, 12 * hour, 0, 0),)) for k in (1, 2))
    without = Problem(visits[:2], staff, (travel,))
    plan = solve(without, Options(seconds=60, iterations=20))
    return ground.of(Problem(visits, staff, (travel,)), plan, Weights())


def kinds(day: Ground, visit: str = "new") -> dict[str, Relaxation]:
    return {one.kind: one for one in relaxations(day, visit)}


def test_a_full_morning_gives_way_by_a_later_start_more_people_or_a_less_urgent_visit() -> None:
    found = kinds(two_carers(priority=5))

    assert {"later", "hour", "leave"} <= set(found)
    # The visits end at 11:00, the way takes ten minutes.
    assert (found["later"].start, found["later"].amount) == (11 * 3600 + 600, 4200)
    assert found["leave"].facts["visit"] == "a"
    assert found["hour"].facts == {
        "minutes": 50,
        "from": "08:50",
        "to": "09:40",
        "skill": "-",
        "people": 1,
    }


def test_a_visit_for_two_gives_way_to_one_carer_only_where_one_could() -> None:
    day = two_carers(carers=2)

    assert {one.rule for answer in answers(_tries(day)) for one in answer.reasons} == {"gap"}
    assert "fewer" not in kinds(day)
    assert kinds(day)["later"].amount == 4200
    assert len(kinds(day)["hour"].staff) == 2


def test_a_pin_that_stands_in_the_way_is_named_and_given_up() -> None:
    day = two_carers()
    b = replace(day.problem.visits[1], windows=(Window(9 * 3600, 9 * 3600 + 5400),), duration=3600)
    visits = (day.problem.visits[0], b, day.problem.visits[2])
    late = replace(day.problem.visits[2], windows=(Window(32_400, 32_400),), duration=3000)
    pinned = replace(
        day.problem, visits=(visits[0], b, late), pins=(Pin("b", start=9 * 3600),), previous=()
    )
    made = tuple(
        replace(r, stops=tuple(replace(s, end=s.start + 3600) for s in r.stops))
        if r.stops[0].visit == "b"
        else r
        for r in day.solution.routes
    )
    held_day = ground.of(pinned, replace(day.solution, routes=made), Weights())
    found = kinds(held_day)

    assert found["unpin"].facts == {"visit": "b"}
    reasons = {a.staff: [r.rule for r in a.reasons] for a in answers(_tries(held_day))}
    assert ["pins"] in reasons.values()


def _tries(day: Ground) -> Insertions:
    return Insertions(day.problem, day.solution, "new", day.weights)


@pytest.mark.parametrize("rule", ["skills", "allowed"])
def test_who_lacks_a_skill_or_is_not_allowed_is_told_so_and_what_it_would_change(rule: str) -> None:
    more = {"skills": {"N": 1}} if rule == "skills" else {"forbidden": frozenset({"s1", "s2"})}
    day = two_carers(**more)
    free = replace(day.solution, routes=())
    empty = ground.of(day.problem, free, Weights())
    found = answers(Insertions(empty.problem, free, "new", Weights()))

    assert [[r.rule for r in one.reasons] for one in found] == [[rule], [rule]]
    kind = {"skills": "skills", "allowed": "outside"}[rule]
    assert kind in kinds(empty)


def test_another_visit_goes_to_somebody_else_before_anything_is_lost() -> None:
    """Only s1 may make the new visit, and the visit in its way could be made by s2 as well."""
    day = two_carers(skills={"N": 1})
    first, second, new = day.problem.visits
    late = replace(second, windows=(Window(33_000, 41_000),), duration=1800)
    nurse, helper = day.problem.staff
    problem = replace(
        day.problem,
        visits=(
            replace(first, duration=1800),
            late,
            replace(new, windows=(Window(32_400, 32_400),)),
        ),
        staff=(replace(nurse, skills={"N": 1}), helper),
        previous=(),
    )
    only = replace(problem, visits=problem.visits[:1], staff=(problem.staff[0],))
    plan = solve(only, Options(seconds=60, iterations=5))
    found = kinds(ground.of(problem, plan, Weights()))

    assert found["move"].staff == ("s1",)
    assert found["move"].facts == {"visit": "a", "to": "s2", "clock": "09:00"}
    assert next(iter(found)) == "move"
    assert "leave" not in found  # The visit in the way is the more urgent one.


def test_a_visit_that_fits_needs_nothing() -> None:
    day = two_carers()
    empty = ground.of(day.problem, replace(day.solution, routes=()), Weights())

    assert relaxations(empty, "new") == ()
