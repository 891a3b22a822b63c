"""What is the cheapest of all plans of a small day, or of a small part of a day? With proof.

CP-SAT on every rule and every cost the judge knows. The search on large days stays with the
compiled kernels; this is what they are measured by, and what mends a few visits exactly.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from solver.errors import ProblemError
from solver.exact.proof import Exact, nobody, prove
from solver.exact.scope import Lane, Scope, around, everything, sliding
from solver.model import Model, build
from solver.options import Options
from solver.plan import Solution
from solver.types import Problem

__all__ = ["MOST_FREE", "MOST_PLACES", "Exact", "optimum", "repair"]

#: Most visits that may change carer, order and start together.
MOST_FREE = 12
#: Most (free visit, shift) pairs: each has ways of its own to every other stop of the shift.
MOST_PLACES = 1_000

_EFFORT = 20.0


def optimum(
    problem: Problem,
    options: Options | None = None,
    *,
    start: Solution | None = None,
    effort: float = _EFFORT,
) -> Exact:
    """The cheapest plan of a small day.

    Parameters
    ----------
    options
        `seconds` (wall clock, hard), `seed` and the weights count; steps do not.
    start
        A plan the judge accepts, to begin with; the result is never dearer.
    effort
        Work after which the best plan so far is taken, in about seconds of a quiet core, but the
        same on every machine.

    Raises
    ------
    ProblemError
        ``exact.visits``: more than `MOST_FREE` visits; ``exact.places``: more than `MOST_PLACES`
        pairs of a visit and a shift; ``exact.numbers``: costs or times too large to add up.
    """
    options = options or Options()
    until = time.monotonic() + options.seconds
    model = build(problem, options.weights)
    scope = everything(model)
    _refuse_large(scope)
    given = nobody(model) if start is None else start
    return prove(scope, options, given, until=until, effort=effort)


def repair(
    problem: Problem,
    solution: Solution,
    free: Collection[str],
    options: Options | None = None,
    *,
    effort: float = _EFFORT,
) -> Exact:
    """The cheapest plan in which only the visits `free` change carer, order, or whether they are
    made at all.

    All other visits keep their carers and their order, or stay unserved; their starts may slide
    within the rules, agreed starts of shared and linked visits too. Routes that no free visit can
    enter, and that nothing ties to such a route, keep their times; without any free visit all
    starts slide.

    Parameters
    ----------
    solution
        The plan given; feasible or not, if it can become so by what may change.
    options, effort
        As in `optimum`. A feasible plan given never becomes dearer.

    Raises
    ------
    ProblemError
        ``exact.visits``, ``exact.places``: too much is free; ``exact.visit``: no such visit;
        ``exact.stuck``: the visits kept break a rule whatever the free ones do;
        ``exact.numbers`` as in `optimum`.
    """
    options = options or Options()
    until = time.monotonic() + options.seconds
    for name in free:
        if not problem.has_visit(name):
            raise ProblemError("exact.visit", "free", visit=name)
    model = build(problem, options.weights)
    rows = frozenset(problem.visit_row(name) for name in free)
    if rows:
        scope = around(model, options, solution, rows, _open_to(model, rows, solution))
    else:
        scope = sliding(model, options, solution)
    _refuse_large(scope)
    return prove(scope, options, solution, until=until, effort=effort)


def _open_to(model: Model, free: frozenset[int], solution: Solution) -> set[Lane]:
    """Lanes of people who may make a free visit, and the ones that have them now."""
    problem = model.problem
    lanes = {
        (person, k)
        for person, staff in enumerate(problem.staff)
        for k in range(len(staff.shifts))
        if any(model.allowed[row, person] for row in free)
    }
    for route in solution.routes:
        if any(problem.visit_row(s.visit) in free for s in route.stops):
            lanes.add((problem.staff_row(route.staff), route.shift))
    return lanes


def _refuse_large(scope: Scope) -> None:
    if len(scope.free) > MOST_FREE:
        raise ProblemError("exact.visits", "visits", visits=len(scope.free), most=MOST_FREE)
    places = len(scope.free) * len(scope.orders)
    if places > MOST_PLACES:
        raise ProblemError("exact.places", "visits", places=places, most=MOST_PLACES)
