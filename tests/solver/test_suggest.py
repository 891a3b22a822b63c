"""New visits in given routes: the offers are real, and none costs less than the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver import (
    Insertion,
    Link,
    Options,
    Pin,
    Problem,
    ProblemError,
    Route,
    Solution,
    Visit,
    Window,
    check,
    solve,
    suggest,
)
from solver.sample import street_day
from tests.solver.brute import Brute, askable, planned_day, without

QUICK = Options(seconds=60, iterations=100)


def judged(
    problem: Problem,
    plan: Solution,
    visits: Sequence[str],
    routes: Sequence[Route],
    cost: Mapping[str, int],
    options: Options,
) -> None:
    """The judge accepts the day with an offer and finds its change of cost rule by rule."""
    before = check(problem, plan, options)
    kept = {(r.staff, r.shift): r for r in plan.routes}
    kept |= {(r.staff, r.shift): r for r in routes}
    left = tuple(u for u in plan.unserved if u.visit not in visits)
    verdict = check(problem, Solution(tuple(kept.values()), left, {}), options)
    assert verdict.violations == ()
    assert {rule: verdict.cost[rule] - before.cost[rule] for rule in cost} == dict(cost)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7))
def test_no_place_for_one_visit_costs_less_than_the_first_offer(seed: int, pick: int) -> None:
    problem, full, options = planned_day(seed)
    visit = problem.visits[pick % len(problem.visits)].id
    plan = without(full, [visit])
    assume(askable(problem, full, [visit]))
    offers = Insertion(problem, plan, options).one(visit)

    expected = Brute(problem, plan, options).least([visit])
    found = offers[0].total - offers[0].cost["unserved"] if offers else None
    assert found == expected
    for offer in offers:
        judged(problem, plan, [visit], offer.routes, offer.cost, options)
    assert [o.total for o in offers] == sorted(o.total for o in offers)
    assert len({frozenset(o.staff) for o in offers}) == len(offers)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(8)), st.sampled_from([2, 2, 3]))
def test_no_places_for_several_visits_cost_less_than_the_first_offer(
    seed: int, picks: list[int], count: int
) -> None:
    problem, full, options = planned_day(seed)
    # Linked ones and those somebody makes first: they fit somewhere.
    served = {s.visit for r in full.routes for s in r.stops}
    ids = [problem.visits[k].id for k in picks if k < len(problem.visits)]
    tied = [e for k in problem.links if k.first in served for e in (k.first, k.second)]
    chosen = list(dict.fromkeys([*tied[:2], *sorted(ids, key=lambda v: v not in served)]))[:count]
    assume(1 < len(chosen) <= count and askable(problem, full, chosen))
    plan = without(full, chosen)
    brute = Brute(problem, plan, options)
    assume(prod(len(brute.starts_of(v)) for v in chosen if v in brute.tied) <= 200)
    offers = Insertion(problem, plan, options).series(chosen, top=2)

    expected = brute.least(chosen)
    found = offers[0].total - offers[0].cost["unserved"] if offers else None
    assert found == expected
    for offer in offers:
        judged(problem, plan, chosen, offer.routes, offer.cost, options)


@pytest.mark.parametrize("seed", range(4))
def test_an_accepted_offer_passes_the_judge_at_the_offered_cost(seed: int) -> None:
    problem = street_day(40, 10, seed, rich=True)
    full = solve(problem, QUICK)
    served = {s.visit for r in full.routes for s in r.stops}
    linked = {end for k in problem.links for end in (k.first, k.second)}
    for carers in (1, 2):
        able = [v.id for v in problem.visits if v.carers == carers and v.id not in linked]
        visit = next(v for v in able if v in served)
        plan = without(full, [visit])
        offers = suggest(problem, plan, visit, top=5, options=QUICK)
        assert offers
        for offer in offers:
            assert len(set(offer.staff)) == carers
            judged(problem, plan, [visit], offer.routes, offer.cost, QUICK)
    for link in problem.links:
        pair = (link.first, link.second)
        if set(pair) <= served:
            plan = without(full, pair)
            for placed in Insertion(problem, plan, QUICK).pair(*pair):
                assert placed.starts[1] - placed.starts[0] >= link.min_gap
                judged(problem, plan, pair, placed.routes, placed.cost, QUICK)


def test_what_was_taken_out_goes_back_for_no_more_than_it_saved() -> None:
    problem = street_day(40, 10, 5, rich=True)
    full = solve(problem, QUICK)
    before = check(problem, full, QUICK).total
    linked = {end for k in problem.links for end in (k.first, k.second)}
    served = {s.visit for r in full.routes for s in r.stops} - linked
    for visit in sorted(served)[:10]:
        plan = without(full, [visit])
        (offer, *_) = suggest(problem, plan, visit, options=QUICK)
        assert check(problem, plan, QUICK).total + offer.total <= before


def test_a_visit_nobody_had_asked_for_is_offered_as_if_it_had_been_in_the_problem() -> None:
    problem = street_day(30, 8, 2, rich=True)
    plan = solve(problem, QUICK)
    new = replace(problem.visits[3], id="new", carers=1)
    asked = replace(problem, visits=(*problem.visits, new))
    desk = Insertion(problem, plan, QUICK)

    assert desk.one(new) == Insertion(asked, plan, QUICK).one("new")
    twice = desk.also(
        (new, replace(new, id="again", windows=(Window(0, 86_399),))),
        links=(Link("new", "again", 3600, 7200, "same"),),
    )
    for placed in twice.pair("new", "again"):
        assert placed.staff[0] == placed.staff[1]
        assert 3600 <= placed.starts[1] - placed.starts[0] <= 7200
        judged(twice.problem, plan, ["new", "again"], placed.routes, placed.cost, QUICK)


def test_a_pinned_start_and_carer_are_kept() -> None:
    problem = street_day(30, 8, 2, rich=True)
    plan = solve(problem, QUICK)
    new = Visit("new", 3, 1800, (Window(8 * 3600, 18 * 3600),))
    desk = Insertion(problem, plan, QUICK)
    free = desk.one(new)[0]
    held = desk.also((new,), pins=(Pin("new", (free.staff[0],), free.start),))

    (offer,) = held.one("new")
    assert (offer.staff, offer.start) == (free.staff, free.start)
    assert offer.total == free.total


def test_visits_that_are_unknown_already_served_or_too_many_are_refused() -> None:
    problem = street_day(10, 4, 1)
    plan = solve(problem, QUICK)
    for visit in ("nobody", plan.routes[0].stops[0].visit):
        with pytest.raises(ProblemError) as caught:
            suggest(problem, plan, visit)
        assert caught.value.code == "suggest.visit"
    ids = [v.id for v in problem.visits]
    desk = Insertion(problem, Solution((), (), {}))
    for visits in (ids[:5], [ids[0], ids[0]], []):
        with pytest.raises(ProblemError) as caught:
            desk.series(visits)
        assert caught.value.code == "suggest.series"
