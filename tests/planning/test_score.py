"""Where the cost of a plan comes from: matches sum to what the judge says, for any plan."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.planning.handmade import Call, solution
from carecoord.planning.score import by_rule, score
from solver import Options, Problem, Route, Solution, Weights, check, solve
from solver.check import RULES
from solver.sample import full_day, linked_day, odd_day, street_day

ALL = Weights(**{name: 3 + 2 * k for k, name in enumerate(Weights.__dataclass_fields__)})
"""Every weight different and none zero, so that no mistake hides behind one."""


def days(seed: int, kind: str) -> Problem:
    if kind == "odd":
        return odd_day(seed)
    if kind == "full":
        return full_day(seed)
    if kind == "linked":
        return linked_day(seed, visits=10, staff=4)
    return street_day(18, 5, seed, rich=True)


def random_calls(problem: Problem, seed: int) -> list[Call]:
    """Anybody anywhere at any time: most such lists break every rule there is."""
    rng = random.Random(seed)
    people = [one.id for one in problem.staff if one.shifts]
    calls = []
    for visit in problem.visits:
        window = rng.choice(visit.windows)
        for who in rng.sample(people, min(len(people), rng.randint(0, visit.carers))):
            start = rng.choice([window.earliest, window.latest, rng.randint(6 * 3600, 20 * 3600)])
            calls.append(Call(who, visit.id, start))
    return calls


def before(problem: Problem, seed: int) -> Problem:
    """With another list as the plan in force, so that changes cost."""
    return replace(problem, previous=solution(problem, random_calls(problem, seed)).routes)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["odd", "full", "full", "linked", "street"]),
    st.integers(0, 99),
)
def test_matches_of_any_plan_sum_to_the_judges_cost_rule_by_rule(
    seed: int, kind: str, other: int
) -> None:
    problem = before(days(seed, kind), other)
    plan = solution(problem, random_calls(problem, seed + 1))

    found = score(problem, plan, ALL)

    verdict = check(problem, plan, Options(weights=ALL))
    assert {rule: by_rule(found.matches)[rule] for rule in RULES} == dict(verdict.cost)
    assert found.verdict == verdict
    assert found.medium + found.soft == verdict.total


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500))
def test_matches_of_a_searched_plan_sum_to_its_own_cost(seed: int) -> None:
    problem = street_day(20, 6, seed, rich=True)
    plan = solve(problem, Options(seconds=30, iterations=50, weights=ALL))

    found = score(problem, plan, ALL)

    assert found.verdict.ok
    assert {rule: by_rule(found.matches)[rule] for rule in RULES} == dict(plan.cost)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 500))
def test_a_searched_plan_given_as_a_list_stays_possible(seed: int) -> None:
    problem = street_day(20, 6, seed, rich=True)
    plan = solve(problem, Options(seconds=30, iterations=50))
    calls = [Call(r.staff, s.visit, s.start) for r in plan.routes for s in r.stops]

    again = solution(problem, calls)

    assert check(problem, again).violations == ()
    verdict = check(problem, again)
    for rule in ("unserved", "travel", "late", "early", "continuity", "preference", "load"):
        assert verdict.cost[rule] == check(problem, plan).cost[rule]
    assert verdict.cost["overtime"] <= check(problem, plan).cost["overtime"]


def test_each_match_says_units_and_weight() -> None:
    problem = before(days(4, "full"), 1)
    plan = solution(problem, random_calls(problem, 2))

    for one in score(problem, plan, ALL).matches:
        assert one.rule in RULES
        if one.unit == "days":
            assert one.cost == getattr(ALL, one.weight) // one.units
        elif one.weight:
            assert one.cost == one.units * getattr(ALL, one.weight)
        assert one.visit or one.staff


@pytest.mark.parametrize("change", ["staff", "visit"])
def test_a_plan_that_names_what_is_not_there_has_no_price(change: str) -> None:
    problem = street_day(6, 3, 1)
    plan = solve(problem, Options(seconds=10, iterations=10))
    first = plan.routes[0]
    stop = replace(first.stops[0], visit="nobody")
    wrong: Route = replace(first, **({"staff": "x"} if change == "staff" else {"stops": (stop,)}))

    found = score(problem, Solution((wrong,), (), {}), Weights())

    assert not found.verdict.ok
    assert (found.matches, found.soft) == ((), 0)
