"""Why this carer and not that one? What another one would cost, by rule, or what forbids it."""

from dataclasses import dataclass, replace

from carecoord.planning import fit, ground
from carecoord.planning.ground import Ground, Step
from carecoord.planning.insertions import AS_IS, Insertions, Loose
from carecoord.planning.reasons import CarerAnswer, answer, together
from solver import Problem, Route, Solution, Weights, Window
from solver.insertion import plan_of
from solver.model import build
from solver.timing import to_route


@dataclass(frozen=True, slots=True, eq=False)
class Instead:
    """A visit moved to another carer, the rest of the day as it is.

    crew
        Who makes it now.
    out
        Who of them would not.
    start
        When it would begin; None when it cannot.
    step
        The day so changed, accepted by the judge; its cost is the difference by rule: positive
        costs more with the other carer. None when it cannot be.
    against
        What forbids it.
    """

    visit: str
    staff: str
    crew: tuple[str, ...]
    out: str
    start: int | None
    step: Step | None
    against: CarerAnswer | None


def instead(present: Ground, visit: str, staff: str) -> Instead:
    """Move a visit to somebody else, as cheaply as the rest of the day lets it.

    Of a visit for two the partner stays with whom it costs less.
    """
    # A change of mind on paper breaks no promise: only what the plans themselves cost counts.
    now = ground.of(present.problem, present.solution, present.weights, promises=False)
    crew = tuple(sorted(who for who, _ in fit.stops_of(now.solution)[visit]))
    found = [_swapped(now, visit, staff, crew, out) for out in crew]
    possible = [one for one in found if one.step is not None]
    return min(possible, key=_cost) if possible else found[0]


def _cost(one: Instead) -> int:
    assert one.step is not None
    return one.step.total


def _swapped(now: Ground, visit: str, staff: str, crew: tuple[str, ...], out: str) -> Instead:
    problem = now.problem
    stay = [who for who in crew if who != out]
    start = fit.stops_of(now.solution)[visit][0][1].start
    empty = _retimed(problem, fit.without_visit(problem, now.solution, visit), out, now.weights)
    tries = Insertions(problem, empty, visit, now.weights)
    if not stay:
        found = tries.best(staff)
        made = {} if found is None else {staff: found}
    else:
        # The partner comes when agreed, if the other one can too; else both at another time.
        same = Loose(windows=(Window(start, start),))
        made = together(tries, [staff, *stay], same) or together(tries, [staff, *stay], AS_IS) or {}
    if not made:
        return Instead(visit, staff, crew, out, None, None, answer(tries, staff))
    changed = _difference(now.solution, empty, [one.route for one in made.values()])
    step = now.step(changed)
    if step is None:
        return Instead(visit, staff, crew, out, None, None, answer(tries, staff))
    return Instead(visit, staff, crew, out, made[staff].start, step, None)


def _difference(old: Solution, bare: Solution, new: list[Route]) -> list[Route]:
    """Routes that change from the present plan: those the visit leaves, and those it joins."""
    after = {(r.staff, r.shift): r for r in bare.routes}
    after |= {(r.staff, r.shift): r for r in new}
    gone = [replace(r, stops=()) for r in old.routes if (r.staff, r.shift) not in after]
    before = {(r.staff, r.shift): r for r in old.routes}
    return gone + [r for key, r in after.items() if before.get(key) != r]


def _retimed(problem: Problem, solution: Solution, staff: str, weights: Weights) -> Solution:
    """One person's routes with the times they have when a stop is gone; all others as they are."""
    plan = plan_of(build(problem, weights), solution)
    fresh = {(r.staff, r.shift): r for r in (to_route(plan.model, t) for t in plan.routes.values())}
    return replace(
        solution,
        routes=tuple(
            fresh.get((r.staff, r.shift), r) if r.staff == staff else r for r in solution.routes
        ),
    )
