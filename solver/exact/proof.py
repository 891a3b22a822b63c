"""Let CP-SAT make a part of a day as cheap as it can be, and read plan and bound back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event, Thread

from ortools.sat.python import cp_model

from solver.check import check
from solver.codec import problem_hash
from solver.errors import ProblemError
from solver.exact.costs import cost
from solver.exact.lanes import lay_out
from solver.exact.reading import hint, routes
from solver.exact.rules import obey
from solver.exact.scope import Scope
from solver.explain import why_unserved
from solver.model import Model
from solver.options import Options
from solver.plan import Route, Solution, Unserved

__all__ = ["Exact", "nobody", "prove"]


_LOOK = 0.05
"""Seconds between two looks at whether the caller wants to stop."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A plan, and how cheap any plan of the same scope could be at best.

    bound
        No plan costs less; equal to the plan's cost when it is proven best.
    """

    solution: Solution
    bound: int

    @property
    def proven(self) -> bool:
        """Nothing is cheaper."""
        return self.bound == self.solution.total


def prove(
    scope: Scope,
    options: Options,
    given: Solution,
    *,
    until: float,
    effort: float,
    cancelled: Callable[[], bool] | None = None,
) -> Exact:
    """The best plan known when the work is done or the time is over, `given` if it is possible.

    until
        `time.monotonic` at which to stop whatever happens.
    effort
        CP-SAT's own measure of work, in about seconds of a quiet core; the same on every machine.
    cancelled
        Asked some twenty times a second, from a thread of its own; True ends the search.

    Raises
    ------
    ProblemError
        ``exact.stuck``: what is kept breaks a rule whatever the rest does, or no plan was found
        in time and the one given is not possible; ``exact.numbers``: costs or times too large.
    """
    begun = time.monotonic()
    before = check(scope.model.problem, replace(given, cost={}), options)
    day = lay_out(scope)
    obey(day)
    day.model.minimize(cost(day))
    hint(day, given)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = options.seed
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = max(0.01, until - time.monotonic())
    with _watched(solver, cancelled):
        status = solver.solve(day.model)
    stats = {"seconds_milli": int((time.monotonic() - begun) * 1000), "seed": options.seed}
    if status == cp_model.MODEL_INVALID:
        raise ProblemError("exact.numbers", "problem", visits=len(scope.rows))
    if status == cp_model.INFEASIBLE or (status == cp_model.UNKNOWN and not before.ok):
        raise ProblemError("exact.stuck", "solution", visits=len(scope.rows))
    bound = _bound(solver, scope)
    kept = replace(given, cost=before.cost, stats=stats)
    if status == cp_model.UNKNOWN:
        return Exact(kept, min(before.total, bound))
    found = _solution(scope, (*scope.frozen, *routes(day, solver.value)), stats)
    after = check(scope.model.problem, found, options)
    if before.ok and before.total <= after.total:
        return Exact(kept, min(before.total, bound))
    return Exact(replace(found, cost=after.cost), min(after.total, bound))


@contextmanager
def _watched(solver: cp_model.CpSolver, cancelled: Callable[[], bool] | None) -> Generator[None]:
    """Stop the solver as soon as the caller wants to; it asks nobody by itself."""
    done = Event()

    def watch() -> None:
        while cancelled is not None and not done.wait(_LOOK):
            if cancelled():
                solver.stop_search()

    thread = Thread(target=watch, daemon=True)
    if cancelled is not None:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if cancelled is not None:
            thread.join()


def nobody(model: Model) -> Solution:
    """The plan without any visit."""
    return Solution((), _unserved(model, set()), {})


def _bound(solver: cp_model.CpSolver, scope: Scope) -> int:
    # The bound of a whole number is whole too, but for the last bits.
    return math.ceil(solver.best_objective_bound - 0.001) + scope.cost


def _solution(scope: Scope, made: tuple[Route, ...], stats: dict[str, int]) -> Solution:
    problem = scope.model.problem
    in_order = sorted(made, key=lambda r: (problem.staff_row(r.staff), r.shift))
    served = {problem.visit_row(s.visit) for r in made for s in r.stops}
    absent = _unserved(scope.model, served)
    return Solution(tuple(in_order), absent, {}, stats, problem_hash(problem))


def _unserved(model: Model, served: set[int]) -> tuple[Unserved, ...]:
    absent = set(range(len(model.problem.visits))) - served
    return tuple(why_unserved(model, row, absent) for row in sorted(absent))
