"""Names and order of the input mean nothing, and a plan given back comes out as it went in."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import Options, Problem, Solution, Weights, check, solve
from solver.sample import full_day, linked_day, street_day

T = TypeVar("T")

QUICK = Options(seconds=300, iterations=150, seed=3)
EVERYTHING = Weights(
    waiting=1, largest_late=3, load=2, hard=900, overtime=7, late=3, early=2, change_start=1
)


class Mirror:
    """Another way to write the same problem: other names, another order of everything."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        self.rng = random.Random(seed)
        self.visit = self._names([v.id for v in problem.visits], "w")
        self.person = self._names([s.id for s in problem.staff], "q")
        places = len(problem.travel[0])
        self.old_place = self._mixed(range(places))
        self.place = {old: new for new, old in enumerate(self.old_place)}

    def _mixed(self, things: Iterable[T]) -> list[T]:
        out = list(things)
        self.rng.shuffle(out)
        return out

    def _names(self, ids: list[str], letter: str) -> dict[str, str]:
        return {id_: f"{letter}{n}" for n, id_ in enumerate(self._mixed(ids))}

    def people(self, names: Mapping[str, int]) -> dict[str, int]:
        """A mapping by person; people who are not of the day keep their names."""
        return {self.person.get(k, k): v for k, v in names.items()}

    def crew(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(self.person.get(k, k) for k in names)

    def written(self) -> Problem:
        """The whole problem once more."""
        p = self.problem
        visits = [
            replace(
                v,
                id=self.visit[v.id],
                place=self.place[v.place],
                group=None if v.group is None else f"door {v.group}",
                required=self.crew(v.required),
                forbidden=self.crew(v.forbidden),
                continuity=self.people(v.continuity),
                preference=self.people(v.preference),
                duration_by=self.people(v.duration_by),
            )
            for v in p.visits
        ]
        staff = [
            replace(
                s,
                id=self.person[s.id],
                shifts=tuple(
                    replace(
                        shift,
                        start_place=self.place.get(shift.start_place),
                        end_place=self.place.get(shift.end_place),
                    )
                    for shift in s.shifts
                ),
            )
            for s in p.staff
        ]
        name = self.visit
        grid = np.ix_(self.old_place, self.old_place)
        return Problem(
            visits=tuple(self._mixed(visits)),
            staff=tuple(self._mixed(staff)),
            travel=tuple(np.asarray(m)[grid] for m in p.travel),
            metres=tuple(np.asarray(m)[grid] for m in p.metres),
            links=tuple(
                self._mixed(replace(k, first=name[k.first], second=name[k.second]) for k in p.links)
            ),
            pins=tuple(
                self._mixed(
                    replace(
                        pin,
                        visit=name[pin.visit],
                        staff=tuple(self.person[who] for who in pin.staff),
                        after=None if pin.after is None else name[pin.after],
                    )
                    for pin in p.pins
                )
            ),
            apart=tuple(
                self._mixed(replace(k, first=name[k.first], second=name[k.second]) for k in p.apart)
            ),
            # In its own order: of two starts once promised for one visit the first counts.
            previous=self.translated(Solution(p.previous, (), {})).routes,
        )

    def translated(self, plan: Solution) -> Solution:
        """A plan of the one as a plan of the other."""
        routes = [
            replace(
                r,
                staff=self.person.get(r.staff, r.staff),
                stops=tuple(replace(s, visit=self.visit.get(s.visit, s.visit)) for s in r.stops),
            )
            for r in plan.routes
        ]
        gone = [replace(u, visit=self.visit[u.visit]) for u in plan.unserved]
        return replace(plan, routes=tuple(routes), unserved=tuple(self._mixed(gone)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_names_and_order_change_neither_feasibility_nor_cost(seed: int, heavy: bool) -> None:
    problem = full_day(seed)
    options = replace(QUICK, weights=EVERYTHING) if heavy else QUICK
    mirror = Mirror(problem, seed)
    written, plan = mirror.written(), solve(problem, options)
    same = mirror.translated(plan)

    assert check(written, same, options).violations == ()
    assert dict(check(written, same, options).cost) == dict(plan.cost)
    # The solver takes it as its own too, and every plan it finds there holds here.
    again = solve(written, options, start=same)
    assert again.total <= plan.total
    assert check(written, again, options).violations == ()


def test_a_broken_plan_stays_broken_under_other_names() -> None:
    problem = street_day(20, 6, 3, rich=True)
    plan = solve(problem, QUICK)
    mirror = Mirror(problem, 5)
    route = plan.routes[0]
    late = replace(route, stops=(replace(route.stops[0], start=0), *route.stops[1:]))
    broken = replace(plan, routes=(late, *plan.routes[1:]))
    here, there = check(problem, broken), check(mirror.written(), mirror.translated(broken))

    assert here.violations
    assert sorted(v.code for v in here.violations) == sorted(v.code for v in there.violations)


DAYS = [
    *((street_day(40, 10, seed, rich=True), Weights()) for seed in (1, 2, 8)),
    # Too few people: what is left out is left out again.
    (street_day(40, 4, 5, rich=True), Weights()),
    (street_day(40, 8, 4), Weights(travel=1)),
    (linked_day(2), Options.preset("mankowska").weights),
    (full_day(77, visits=12, staff=5), EVERYTHING),
]


@pytest.mark.parametrize(("problem", "weights"), DAYS)
def test_a_plan_given_back_comes_out_unchanged_or_better(
    problem: Problem, weights: Weights
) -> None:
    options = replace(QUICK, weights=weights)
    plan = solve(problem, options)
    back = solve(problem, replace(options, iterations=0), start=plan)
    further = solve(problem, replace(options, seed=9), start=plan)

    assert (back.routes, back.cost, back.unserved) == (plan.routes, plan.cost, plan.unserved)
    assert further.total <= plan.total


def test_a_plan_in_force_that_cannot_be_bettered_stays_to_the_second() -> None:
    problem = street_day(30, 8, 4, rich=True)
    plan = solve(problem, replace(QUICK, iterations=3_000))
    in_force = replace(problem, previous=plan.routes)
    again = solve(in_force, replace(QUICK, iterations=0))

    assert again.routes == plan.routes
    assert again.cost["change"] == 0
