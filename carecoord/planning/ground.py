"""What would the day be with some routes changed? Judged, priced and compared with what is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from carecoord.planning.rest_of_day import ways
from carecoord.planning.score import outside
from solver import Options, Problem, Route, Solution, Unserved, Verdict, Visit, Weights, check
from solver.model import unserved_cost

Travels = tuple[npt.NDArray[np.int32], ...]
"""One matrix per mode, as `Problem.travel`."""


SoftRule = Literal["overtime", "late", "early", "continuity", "preference", "area"]
"""A soft rule that says of one visit or person how far it is not kept."""


@dataclass(frozen=True, slots=True)
class Worse:
    """A soft rule that is kept less well than before.

    visit, staff
        Whom it is about; `visit` is empty for overtime.
    before, after
        Seconds for `late`, `early` and `overtime`, 1 for `area`, else the cost the visit carries.
    """

    rule: SoftRule
    visit: str
    staff: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Shifted:
    """A visit that was planned and begins at another time; seconds after 00:00."""

    visit: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A day one step further: accepted by the judge.

    cost
        Change of cost by rule, as the judge reckons both sides; rules that change nothing are left
        out. What the visits cost while nobody made them is under `unserved`.
    travel, overtime
        Change in seconds over all carers.
    """

    problem: Problem
    solution: Solution
    cost: Mapping[str, int]
    travel: int
    overtime: int
    worse: tuple[Worse, ...]
    shifted: tuple[Shifted, ...]

    @property
    def total(self) -> int:
        """What it costs, beyond the visits being made at all."""
        return sum(cost for rule, cost in self.cost.items() if rule != "unserved")


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One planned day, as the solver knows it, with the judge's verdict on it.

    problem
        Its `previous` routes are those of `solution`: a promise that is changed has its cost.
    """

    problem: Problem
    solution: Solution
    weights: Weights
    verdict: Verdict = field(repr=False)

    def with_problem(self, problem: Problem) -> "Ground":
        """The same plan against another problem, such as one with a visit more."""
        return of(problem, self.solution, self.weights)

    def with_visits(self, visits: tuple[Visit, ...], travel: Travels) -> "Ground":
        """The same plan with visits more that nobody makes; `travel` also knows their places."""
        problem = replace(self.problem, visits=(*self.problem.visits, *visits), travel=travel)
        if self.weights.load or self.weights.hard:
            # More work for all moves everybody's fair share.
            return of(problem, self.solution, self.weights)
        cost = dict(self.verdict.cost)
        cost["unserved"] += sum(unserved_cost(self.weights, one) for one in visits)
        return Ground(
            problem,
            with_routes(problem, self.solution, ()),
            self.weights,
            replace(self.verdict, cost=cost),
        )

    def after(self, step: Step) -> "Ground":
        """The day once a step is taken."""
        return of(step.problem, step.solution, self.weights)

    def step(
        self,
        changed: Iterable[Route],
        problem: Problem | None = None,
        out: frozenset[str] = frozenset(),
    ) -> Step | None:
        """The day with these routes in place of the old ones; None when the judge refuses it.

        A fault that the day had before is nobody's new fault.

        Parameters
        ----------
        changed
            Whole routes, each of one shift of one carer; one without stops takes a route away.
        problem
            Rules to judge by, if not those of the day.
        out
            Visits that nobody makes then.
        """
        problem = problem or self.problem
        after = with_routes(problem, self.solution, changed, out)
        verdict = check(problem, after, Options(weights=self.weights))
        if any(one not in self.verdict.violations for one in verdict.violations):
            return None
        return self._compared(problem, after, verdict)

    def _compared(self, problem: Problem, after: Solution, verdict: Verdict) -> Step:
        before = {(r.staff, r.shift): r for r in self.solution.routes}
        now = {(r.staff, r.shift): r for r in after.routes}
        keys = [k for k in {*before, *now} if before.get(k) != now.get(k)]
        old = [before[k] for k in keys if k in before]
        new = [now[k] for k in keys if k in now]
        starts = {s.visit: s.start for r in old for s in r.stops}
        later = {s.visit: s.start for r in new for s in r.stops}
        was, is_ = _soft(self.problem, old), _soft(problem, new)
        return Step(
            problem=problem,
            solution=after,
            cost={
                rule: cost - self.verdict.cost[rule]
                for rule, cost in verdict.cost.items()
                if cost != self.verdict.cost[rule]
            },
            travel=sum(ways(problem, r) for r in new) - sum(ways(self.problem, r) for r in old),
            overtime=_overtime(is_) - _overtime(was),
            worse=tuple(
                Worse(*key, was.get(key, 0), amount)
                for key, amount in sorted(is_.items())
                if amount > was.get(key, 0)
            ),
            shifted=tuple(
                Shifted(visit, start, later[visit])
                for visit, start in sorted(starts.items(), key=lambda one: (one[1], one[0]))
                if visit in later and later[visit] != start
            ),
        )


def of(problem: Problem, solution: Solution, weights: Weights, *, promises: bool = True) -> Ground:
    """The ground of a planned day; every visit that no route makes counts as unserved.

    Routes of somebody who is not at work in that shift any more are none: nobody makes their
    visits.

    promises
        Whether changing what is planned costs anything.
    """
    routes = tuple(
        r
        for r in solution.routes
        if problem.has_staff(r.staff)
        and r.shift < len(problem.staff[problem.staff_row(r.staff)].shifts)
    )
    known = replace(problem, previous=routes if promises else ())
    bare = with_routes(known, replace(solution, routes=routes), ())
    return Ground(known, bare, weights, check(known, bare, Options(weights=weights)))


def with_routes(
    problem: Problem,
    solution: Solution,
    changed: Iterable[Route],
    out: frozenset[str] = frozenset(),
) -> Solution:
    """A solution with some routes in place of others; `out`: visits taken out of the rest."""
    routes = {(r.staff, r.shift): r for r in solution.routes}
    routes |= {(r.staff, r.shift): r for r in changed}
    served = {s.visit for r in routes.values() for s in r.stops} - out
    reasons = {one.visit: one for one in solution.unserved}
    return Solution(
        routes=tuple(routes[key] for key in sorted(routes) if routes[key].stops),
        unserved=tuple(
            reasons.get(v.id, Unserved(v.id, "no_capacity"))
            for v in problem.visits
            if v.id not in served
        ),
        cost={},
    )


def _soft(problem: Problem, routes: Iterable[Route]) -> dict[tuple[SoftRule, str, str], int]:
    """(rule, visit, staff) → how far a soft rule is not kept."""
    found: dict[tuple[SoftRule, str, str], int] = {}
    for route in routes:
        person = problem.staff[problem.staff_row(route.staff)]
        shift = person.shifts[route.shift]
        over = max(0, route.finish - shift.end)
        key: tuple[SoftRule, str, str] = ("overtime", "", route.staff)
        found[key] = found.get(key, 0) + over
        for stop in route.stops:
            visit = problem.visits[problem.visit_row(stop.visit)]
            who = route.staff
            if visit.preferred is not None:
                found["late", visit.id, who] = max(0, stop.start - visit.preferred.latest)
                found["early", visit.id, who] = max(0, visit.preferred.earliest - stop.start)
            found["continuity", visit.id, who] = visit.continuity.get(who, visit.unfamiliar)
            found["preference", visit.id, who] = visit.preference.get(who, 0)
            found["area", visit.id, who] = int(outside(visit, person))
    return found


def _overtime(soft: Mapping[tuple[SoftRule, str, str], int]) -> int:
    return sum(amount for (rule, _, _), amount in soft.items() if rule == "overtime")
