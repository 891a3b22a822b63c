"""Places for visits: real, judged, the cheapest, and told with what they change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from carecoord.planning import fit, ground
from carecoord.planning.ground import Ground
from carecoord.planning.insertions import Insertions
from solver import Options, Solution, Weights, Window, check, solve
from solver.sample import street_day

DAYS = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def day(seed: int, visits: int = 24, staff: int = 7) -> Ground:
    problem = street_day(visits, staff, seed, rich=True)
    plan = solve(problem, Options(seconds=60, iterations=60))
    return ground.of(problem, plan, Weights())


def without(full: Ground, visit: str) -> Ground:
    plan = fit.without_visit(full.problem, full.solution, visit)
    return ground.of(replace(full.problem, previous=()), plan, full.weights)


def served(full: Ground, carers: int) -> list[str]:
    linked = {end for k in full.problem.links for end in (k.first, k.second)}
    made = fit.stops_of(full.solution)
    return [
        v.id for v in full.problem.visits if v.carers == carers and v.id in made.keys() - linked
    ]


def cost(one: Ground, plan: Solution) -> dict[str, int]:
    return dict(check(one.problem, plan, Options(weights=one.weights)).cost)


@DAYS
@given(st.integers(0, 10**6), st.sampled_from([1, 2]))
def test_each_place_is_a_day_the_judge_accepts_at_the_cost_and_changes_told(
    seed: int, carers: int
) -> None:
    full = day(seed)
    names = served(full, carers)
    assume(names)
    open_day = without(full, names[0])
    found = fit.places(open_day, names[0], top=4)

    assert found
    assert [p.step.total for p in found] == sorted(p.step.total for p in found)
    before = cost(open_day, open_day.solution)
    old = {v: s[0][1].start for v, s in fit.stops_of(open_day.solution).items()}
    for place in found:
        verdict = check(open_day.problem, place.step.solution, Options(weights=full.weights))
        assert verdict.ok
        change = {r: c - before[r] for r, c in verdict.cost.items() if c != before[r]}
        assert place.step.cost == change
        assert place.step.travel * full.weights.travel == change.get("travel", 0)
        assert place.step.overtime * full.weights.overtime == change.get("overtime", 0)
        new = {v: s[0][1].start for v, s in fit.stops_of(place.step.solution).items()}
        assert {m.visit: m.after for m in place.step.shifted} == {
            v: new[v] for v in old if old[v] != new[v]
        }
        crew = fit.stops_of(place.step.solution)[names[0]]
        assert sorted(who for who, _ in crew) == list(place.staff)
        assert {stop.start for _, stop in crew} == {place.start}


@DAYS
@given(st.integers(0, 10**6))
def test_the_first_place_is_the_best_of_every_position_of_every_carer(seed: int) -> None:
    full = day(seed)
    names = served(full, 1)
    assume(names)
    open_day = without(full, names[0])
    tries = Insertions(open_day.problem, open_day.solution, names[0], full.weights)
    each = {s.id: at for s in open_day.problem.staff if (at := tries.best(s.id)) is not None}
    found = fit.places(open_day, names[0], top=100)

    assert {p.staff[0] for p in found} == set(each)


def test_what_is_worse_is_named_with_visit_person_and_amount() -> None:
    full = day(3)
    visit = served(full, 1)[0]
    open_day = without(full, visit)
    row = open_day.problem.visit_row(visit)
    asked = open_day.problem.visits[row]
    strict = replace(asked, preferred=Window(0, 60), continuity={}, unfamiliar=777)
    visits = (*open_day.problem.visits[:row], strict, *open_day.problem.visits[row + 1 :])
    wished = ground.of(
        replace(open_day.problem, visits=visits), open_day.solution, open_day.weights
    )
    best = fit.places(wished, visit, top=1)[0]
    about = {w.rule: w for w in best.step.worse if w.visit == visit}

    assert (about["late"].before, about["late"].after) == (0, best.start - 60)
    assert (about["continuity"].staff, about["continuity"].after) == (best.staff[0], 777)


def test_at_most_so_many_places_per_window() -> None:
    full = day(3)
    visit = served(full, 1)[0]
    open_day = without(full, visit)
    row = open_day.problem.visit_row(visit)
    hour = 3600
    windows = (Window(7 * hour, 11 * hour), Window(12 * hour, 19 * hour))
    wide = replace(open_day.problem.visits[row], windows=windows, preferred=None)
    visits = (*open_day.problem.visits[:row], wide, *open_day.problem.visits[row + 1 :])
    two = ground.of(replace(open_day.problem, visits=visits), open_day.solution, full.weights)
    found = fit.places(two, visit, top=10, per_window=1)

    assert sorted(p.window for p in found) == [0, 1]
    assert all(windows[p.window].earliest <= p.start <= windows[p.window].latest for p in found)


def test_a_place_can_be_taken_exactly_and_not_once_it_is_gone() -> None:
    full = day(3)
    visit = served(full, 1)[0]
    open_day = without(full, visit)
    first = fit.places(open_day, visit, top=1)[0]
    again = fit.place_at(open_day, visit, first.staff, first.start)

    assert again is not None and again.step.cost == first.step.cost
    assert fit.place_at(open_day, visit, first.staff, 0) is None
    assert fit.place_at(open_day, visit, ("nobody",), first.start) is None
    row = open_day.problem.staff_row(first.staff[0])
    away = replace(open_day.problem.staff[row], shifts=())
    staff = (*open_day.problem.staff[:row], away, *open_day.problem.staff[row + 1 :])
    routes = tuple(r for r in open_day.solution.routes if r.staff != away.id)
    gone = ground.of(
        replace(open_day.problem, staff=staff, previous=()),
        replace(open_day.solution, routes=routes),
        full.weights,
    )
    assert fit.place_at(gone, visit, first.staff, first.start) is None


@pytest.mark.parametrize("seed", range(3))
def test_linked_visits_are_placed_together_or_not_at_all(seed: int) -> None:
    full = day(seed, visits=40, staff=12)
    made = fit.stops_of(full.solution)
    link = next(
        k for k in full.problem.links if k.first in made and k.second in made and k.carers != "same"
    )
    half = fit.without_visit(full.problem, full.solution, link.first)
    both = fit.without_visit(full.problem, half, link.second)
    empty = ground.of(replace(full.problem, previous=()), both, full.weights)
    for place in fit.places(empty, link.first, top=3):
        assert {c.visit for c in place.companions} >= {link.second}
        gap = place.companions[0].start - place.start
        assert gap >= link.min_gap


def test_many_visits_are_inserted_one_after_the_other_into_one_day() -> None:
    full = day(5, visits=30, staff=9)
    names = served(full, 1)[:4]
    plan = full.solution
    for name in names:
        plan = fit.without_visit(full.problem, plan, name)
    empty = ground.of(replace(full.problem, previous=()), plan, full.weights)
    found, missed, after = fit.insert_all(empty, names)

    assert {p.visit for p in found} | set(missed) == set(names)
    assert check(after.problem, after.solution, Options(weights=full.weights)).ok
    assert {p.visit for p in found} <= fit.stops_of(after.solution).keys()


def test_a_visit_more_leaves_the_judges_view_of_the_day_right() -> None:
    full = day(4)
    visit = served(full, 1)[0]
    open_day = without(full, visit)
    row = open_day.problem.visit_row(visit)
    visits = open_day.problem.visits
    bare = replace(open_day.problem, visits=(*visits[:row], *visits[row + 1 :]), previous=())
    before = ground.of(bare, open_day.solution, full.weights)
    more = before.with_visits((visits[row],), open_day.problem.travel)

    again = check(more.problem, more.solution, Options(weights=full.weights))
    assert (again.cost, again.violations) == (more.verdict.cost, more.verdict.violations)
    assert {u.visit for u in more.solution.unserved} >= {visit}
    first, second = fit.places(more, visit, top=1), fit.places(open_day, visit, top=1)
    assert [(p.staff, p.start, p.step.cost) for p in first] == [
        (p.staff, p.start, p.step.cost) for p in second
    ]
