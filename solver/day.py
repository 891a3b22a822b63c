"""One search of one day in this process: what it begins with, which engine, what it ends with."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.check import check
from solver.compiled import NotCompiled, improve
from solver.explain import why_unserved
from solver.finish import finish, search_end
from solver.insertion import plan_of
from solver.mend import mend
from solver.model import Model
from solver.options import Options
from solver.plan import Solution
from solver.price import absent_of, cost_of
from solver.routes import Plan
from solver.timing import to_route

if TYPE_CHECKING:
    from solver.improve import Look, Watch

__all__ = ["REPORT", "Report", "Search", "search_day", "solution_of"]

#: Wall clock between two reports of a running search.
REPORT = 0.5
#: Times what is absent is looked at once more after a search.
_LOOKS = 3

Report = Callable[[int, int, Plan | None, Mapping[str, int]], None]
"""Hears (rounds, least cost, plan, stats so far); the plan only when the cost fell."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to do: one run of one engine on one problem.

    until
        `time.monotonic` at which to stop whatever happens.
    start
        A plan to begin with, feasible or not; without it the plan in force, or nothing.
    """

    options: Options
    until: float
    start: Solution | None = None


def search_day(
    model: Model,
    search: Search,
    report: Report | None,
    stop: Callable[[], bool],
    *,
    every: float = REPORT,
) -> Solution:
    """The best plan found; `stats` holds ``rounds``, and ``fallback`` where compiled code failed.

    A plan to begin with that keeps every rule comes back as it is unless a cheaper one is found.

    report
        Called each `every` seconds.
    stop
        Asked many times a second, at the end from another thread.
    """
    options = search.options
    given = search.start or Solution(model.problem.previous, (), {})
    kept = _as_given(model, given, options)
    plan = plan_of(model, given)
    mend(plan)
    stats = {"rounds": 0}
    if model.shifts and model.problem.visits:
        watch = _watch(report, every, stop)
        ends = search_end(model, options, search.until)
        first = replace(search, until=ends)
        plan, stats = _searched(model, plan, first, watch, report, stop)
    found = solution_of(plan, stats)
    if model.shifts and "fallback" not in stats:
        found = replace(finish(model, found, options, search.until, stop), stats=stats)
    if kept is not None and kept.total <= found.total:
        return replace(kept, stats=stats)
    return found


def solution_of(plan: Plan, stats: dict[str, int] | None = None) -> Solution:
    """The public form of a plan: routes, reasons for what is unserved, cost by rule."""
    model, absent = plan.model, absent_of(plan)
    return Solution(
        routes=tuple(to_route(model, plan.routes[v]) for v in sorted(plan.routes)),
        unserved=tuple(why_unserved(model, row, absent) for row in sorted(absent)),
        cost=cost_of(plan),
        stats=stats or {},
    )


def _as_given(model: Model, given: Solution, options: Options) -> Solution | None:
    """The plan to begin with, to the second as it came, if it keeps every rule."""
    problem = model.problem
    made = {s.visit for r in given.routes for s in r.stops}
    if not made or not all(problem.has_visit(one) for one in made):
        return None
    absent = {row for row, visit in enumerate(problem.visits) if visit.id not in made}
    reasons = tuple(why_unserved(model, row, absent) for row in sorted(absent))
    plan = Solution(routes=given.routes, unserved=reasons, cost={})
    verdict = check(problem, plan, options)
    return replace(plan, cost=verdict.cost) if verdict.ok else None


def _searched(
    model: Model,
    plan: Plan,
    search: Search,
    watch: Watch,
    report: Report | None,
    stop: Callable[[], bool],
) -> tuple[Plan, dict[str, int]]:
    options, stats = search.options, {"rounds": 0}
    if options.engine == "kernels":
        try:
            found, rounds = improve(model, plan, options, search.until, watch)
            return _filled(model, found, search), {"rounds": rounds}
        except NotCompiled as fault:
            warnings.warn(
                f"compiled code cannot run here ({fault}); planning with OR-Tools instead",
                RuntimeWarning,
                stacklevel=2,
            )
            stats["fallback"] = 1
            if report is not None:
                report(0, sum(cost_of(plan).values()), None, {"fallback": 1})
    # Loaded only by whoever needs it: the library takes memory and a moment.
    from solver.routing import route

    return route(plan, options, search.until, stop), stats


def _filled(model: Model, found: Plan, search: Search) -> Plan:
    """`found`, with what is still absent put in where that is worth it.

    A search passes places over by chance; without this last look its own plan, given back to it,
    would not come out as it went in.
    """
    once = replace(search.options, iterations=0)
    for _ in range(_LOOKS):
        if not absent_of(found):
            break
        again, _ = improve(model, found, once, search.until, None)
        if sum(cost_of(again).values()) >= sum(cost_of(found).values()):
            break
        found = again
        if time.monotonic() >= search.until:
            break
    return found


def _watch(report: Report | None, every: float, stop: Callable[[], bool]) -> Watch:
    said = time.monotonic() - 2 * every
    least: int | None = None

    def watch(done: int, cost: int, look: Look) -> bool:
        nonlocal said, least
        if report is not None and time.monotonic() > said + every:
            said = time.monotonic()
            plan = None
            if least is None or cost < least:
                least, plan = cost, look()
            report(done, cost, plan, {})
        return stop()

    return watch
