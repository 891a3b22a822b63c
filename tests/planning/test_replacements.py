"""Who takes over, and why this carer and not that one: every offer is a day the judge accepts."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from carecoord.planning import fit, ground
from carecoord.planning.ground import Ground, Step
from carecoord.planning.instead import instead
from carecoord.planning.replacements import HALF, replacements
from solver import Options, Weights, check, solve
from solver.sample import street_day

DAYS = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def day(seed: int, visits: int = 26, staff: int = 8) -> Ground:
    problem = street_day(visits, staff, seed, rich=True)
    plan = solve(problem, Options(seconds=60, iterations=60))
    return ground.of(problem, plan, Weights())


def accepted(step: Step) -> bool:
    """The judge minds nothing but visits whose linked one nobody has taken over yet."""
    verdict = check(step.problem, step.solution, Options(weights=Weights()))
    return {v.code for v in verdict.violations} <= {"link.half"}


@DAYS
@given(st.integers(0, 10**6))
def test_each_replacement_makes_the_visit_with_the_absent_person_gone(seed: int) -> None:
    full = day(seed)
    away = full.solution.routes[0].staff
    mine = [s.visit for r in full.solution.routes if r.staff == away for s in r.stops]
    planned = [(s.visit, s.start) for r in full.solution.routes if r.staff == away for s in r.stops]
    hours = full.problem.staff[full.problem.staff_row(away)].shifts
    people = [s.id for s in full.problem.staff]
    found = replacements(full, away, planned, hours, people, top=3)

    assert [one.visit for one in found.visits] == mine
    for one in found.visits:
        crew = fit.stops_of(full.solution)[one.visit]
        assert (one.partner != "") == (len(crew) > 1)
        for place in one.places:
            assert away not in place.staff and one.partner not in place.staff
            plan = place.step.solution
            assert accepted(place.step)
            if one.partner:
                made = fit.stops_of(plan)
                assert {s.start for _, s in made[one.visit] + made[one.visit + HALF]} == {one.start}
    for stand_in in found.whole:
        assert sorted((*stand_in.taken, *stand_in.missed)) == sorted(mine)
        assert accepted(stand_in.step)
    missed = [len(one.missed) for one in found.whole]
    assert missed == sorted(missed)


@DAYS
@given(st.integers(0, 10**6), st.integers(0, 100))
def test_another_carer_costs_what_the_judge_says_or_is_forbidden_with_a_reason(
    seed: int, pick: int
) -> None:
    full = day(seed)
    made = fit.stops_of(full.solution)
    assume(made)
    visit = sorted(made)[pick % len(made)]
    crew = {who for who, _ in made[visit]}
    bare = ground.of(full.problem, full.solution, full.weights, promises=False)
    before = bare.verdict.cost
    for other in (s.id for s in full.problem.staff if s.id not in crew):
        one = instead(full, visit, other)
        if one.step is None:
            assert (one.against is not None and one.against.reasons) or len(crew) > 1
            continue
        verdict = check(bare.problem, one.step.solution, Options(weights=full.weights))
        assert verdict.ok
        change = {r: c - before[r] for r, c in verdict.cost.items() if c != before[r]}
        assert one.step.cost == change
        now = {who for who, _ in fit.stops_of(one.step.solution)[visit]}
        assert now == (crew - {one.out}) | {other}


def test_routes_of_somebody_who_is_away_count_as_nobodys() -> None:
    from dataclasses import replace

    full = day(3)
    away = full.solution.routes[0].staff
    staff = tuple(replace(s, shifts=()) if s.id == away else s for s in full.problem.staff)
    gone = ground.of(replace(full.problem, staff=staff, previous=()), full.solution, full.weights)

    assert away not in {r.staff for r in gone.solution.routes}
    assert gone.verdict.cost["travel"] > 0
