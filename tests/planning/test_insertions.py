"""What one carer's small problem says holds of the whole day."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from carecoord.planning import fit, ground
from carecoord.planning.ground import Ground, SoftRule
from carecoord.planning.insertions import Insertions
from carecoord.text.catalogue import LANGUAGES, Language, entries
from solver import Options, Weights, check, solve
from solver.insertion import plan_of
from solver.model import build
from solver.sample import full_day
from solver.timing import to_route

ALL = Weights(
    **{name: 3 + 2 * k for k, name in enumerate(Weights.__dataclass_fields__)}
    | {"unserved_mandatory": 10_000_000, "unserved_optional": 1_000_000}
)
"""Every weight different and none zero."""


def day(seed: int, visit: int) -> tuple[Ground, str]:
    """A searched day with every rule somewhere, in which one visit for one is made by nobody.

    Routes have the times that they have without it, and the plan in force is another one.
    """
    problem = full_day(seed, visits=12, staff=4)
    plan = solve(problem, Options(seconds=60, iterations=25, weights=ALL))
    linked = {end for link in problem.links for end in (link.first, link.second)}
    leads = {pin.after for pin in problem.pins}
    free = [v.id for v in problem.visits if v.carers == 1 and v.id not in linked | leads]
    assume(free)
    chosen = free[visit % len(free)]
    plan = fit.without_visit(problem, plan, chosen)
    timed = plan_of(build(problem, ALL), plan)
    plan = replace(plan, routes=tuple(to_route(timed.model, t) for t in timed.routes.values()))
    bare = ground.of(problem, plan, ALL, promises=False)
    other = solve(problem, Options(seconds=60, iterations=5, seed=2))
    told = replace(problem, previous=other.routes)
    verdict = check(told, bare.solution, Options(weights=ALL))
    return replace(bare, problem=told, verdict=verdict), chosen


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(0, 11))
def test_what_fits_one_carer_is_accepted_in_the_whole_day_at_the_same_change_of_cost(
    seed: int, visit: int
) -> None:
    present, chosen = day(seed, visit)
    assume(present.verdict.ok)
    tries = Insertions(present.problem, present.solution, chosen, ALL)

    for person in present.problem.staff:
        found = tries.best(person.id)
        if found is None:
            continue
        step = present.step([found.route])
        assert step is not None
        assert step.total == found.extra


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_a_place_can_keep_less_well_has_a_sentence(language: Language) -> None:
    assert {f"fit.worse.{rule}" for rule in get_args(SoftRule)} <= set(entries(language))
