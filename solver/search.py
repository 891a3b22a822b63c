"""Plan one day: place what is tied together, let the routing engine order the rest, mend, price."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from solver import single
from solver.codec import problem_hash
from solver.explain import why_unserved
from solver.improve import Look, Watch, improve
from solver.insertion import plan_of
from solver.kernels.arrays import fixed_of
from solver.many import solve_many
from solver.mend import mend
from solver.model import Model, build
from solver.options import Options
from solver.ordered import improve_order, suits
from solver.placing import place_all
from solver.plan import Solution
from solver.price import price
from solver.routes import Plan, in_pinned_order
from solver.routing import Task, orders_by_routing
from solver.timing import schedule, to_route
from solver.types import Problem

__all__ = ["Progress", "solve"]

Progress = Callable[[dict[str, int]], None]


def solve(
    problem: Problem,
    options: Options | None = None,
    *,
    start: Solution | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Solution:
    """Plan one day.

    Parameters
    ----------
    options
        Limits, seed and weights; `Options()` by default.
    start
        A plan to begin with, feasible or not: what fits of it is kept. Without it the search
        begins with the problem's previous plan, or with nothing.
    progress
        Called about twice a second with ``{"seconds_milli", "rounds", "cost"}``; whenever the cost
        fell, and at the end, also with ``unserved`` and ``cost.<rule>`` of each rule.
    cancelled
        Asked many times a second; True ends the search with the best plan so far.

    Returns
    -------
    Solution
        Always one that `solver.check` accepts. What cannot be served is listed with its reason.
    """
    options = options or Options()
    begun, cpu = time.monotonic(), time.process_time()
    stop = cancelled or (lambda: False)
    if options.threads > 1:
        best = solve_many(problem, options, start, stop)
        spent = int((time.monotonic() - begun) * 1000)
        return replace(best, stats={**best.stats, "seconds_milli": spent})
    model = build(problem, options.weights)
    plan, rounds = _start(model, start), 0
    if model.shifts and problem.visits:
        until = begun + options.seconds
        if options.engine == "kernels":
            watch = _watch(begun, progress, stop)
            ordered = (
                improve_order(model, options, until, watch, start=plan if plan.routes else None)
                if suits(model)
                else None
            )
            if ordered is not None:
                plan, rounds = ordered
            elif single.suits(model, fixed := fixed_of(model)):
                plan, rounds = single.improve_single(model, fixed, plan, options, until, watch)
            else:
                plan, rounds = improve(model, plan, options, until, watch)
        else:
            place_all(plan, [c for c in model.clusters if set(c) <= _absent(plan)])
            if options.iterations != 0 and not stop():
                routed = _route(plan, options, 0.9 * (until - time.monotonic()))
                if sum(_cost(routed).values()) < sum(_cost(plan).values()):
                    plan = routed
        _report(plan, begun, progress)
    stats = {
        "rounds": rounds,
        "seconds_milli": int((time.monotonic() - begun) * 1000),
        "cpu_milli": int((time.process_time() - cpu) * 1000),
        "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "seed": options.seed,
    }
    return _solution(plan, stats)


def _start(model: Model, start: Solution | None) -> Plan:
    """A plan to begin with: the caller's, else the one in force, else nothing."""
    given = start or Solution(model.problem.previous, (), {})
    plan = plan_of(model, given)
    mend(plan)
    return plan


def _absent(plan: Plan) -> set[int]:
    return set(range(len(plan.model.problem.visits))) - plan.served()


def _cost(plan: Plan) -> dict[str, int]:
    return price(plan.model, list(plan.routes.values()), _absent(plan))


def _watch(begun: float, progress: Progress | None, stop: Callable[[], bool]) -> Watch:
    """Tell the way on about twice a second; with all its components whenever it got better."""
    said = begun - 1.0
    least: int | None = None

    def watch(done: int, cost: int, look: Look) -> bool:
        nonlocal said, least
        if progress is not None and time.monotonic() > said + 0.5:
            said = time.monotonic()
            spent = int((said - begun) * 1000)
            state = {"seconds_milli": spent, "rounds": done, "cost": cost}
            if least is None or cost < least:
                least = cost
                plan = look()
                state |= {} if plan is None else _components(plan)
            progress(state)
        return stop()

    return watch


def _components(plan: Plan) -> dict[str, int]:
    cost = _cost(plan)
    named = {f"cost.{rule}": one for rule, one in cost.items()}
    return {"cost": sum(cost.values()), "unserved": len(_absent(plan)), **named}


def _report(plan: Plan, begun: float, progress: Progress | None) -> None:
    if progress is not None:
        spent = int((time.monotonic() - begun) * 1000)
        progress({"seconds_milli": spent, **_components(plan)})


def _solution(plan: Plan, stats: dict[str, int]) -> Solution:
    model, absent = plan.model, _absent(plan)
    return Solution(
        routes=tuple(to_route(model, plan.routes[v]) for v in sorted(plan.routes)),
        unserved=tuple(why_unserved(model, row, absent) for row in sorted(absent)),
        cost=_cost(plan),
        stats=stats,
        problem_hash=problem_hash(model.problem),
    )


def _route(plan: Plan, options: Options, seconds: float) -> Plan:
    """A new plan from the routing engine, starting from `plan` and keeping its held starts."""
    model = plan.model
    tasks, first = _tasks(plan)
    orders = orders_by_routing(model, tasks, first, options, seconds)
    new = Plan(model, held=dict(plan.held))
    for vehicle, order in enumerate(orders):
        _follow(new, vehicle, [tasks[row].visit for row in order])
    mend(new)
    absent = _absent(new)
    place_all(new, [c for c in model.clusters if set(c) & absent])
    return new


def _tasks(plan: Plan) -> tuple[list[Task], list[list[int]]]:
    """One task per carer of each visit that may still be placed, and the orders of `plan`."""
    model = plan.model
    served = plan.served()
    tied_people = {
        row
        for link in model.problem.links
        if link.carers != "any"
        for row in (model.problem.visit_row(link.first), model.problem.visit_row(link.second))
    }
    tasks: list[Task] = []
    rows: dict[tuple[int, int], int] = {}
    where: dict[int, list[int]] = {}
    for vehicle, timed in sorted(plan.routes.items()):
        for visit in timed.visits:
            where.setdefault(visit, []).append(vehicle)
    for cluster in model.clusters:
        if model.tied(cluster) and not set(cluster) <= served:
            continue
        for row in cluster:
            free = tuple(int(v) for v in np.flatnonzero(model.usable[row]))
            homes = where.get(row, [-1] * int(model.carers[row]))
            for home in homes:
                rows[row, home] = len(tasks)
                only = (home,) if row in tied_people and home >= 0 else free
                if only:
                    tasks.append(Task(visit=row, only=only, start=plan.held.get(row)))
    first: list[list[int]] = []
    for vehicle in range(len(model.shifts)):
        first.append([rows[row, vehicle] for row in plan.order(vehicle)])
    return tasks, first


def _follow(plan: Plan, vehicle: int, order: Sequence[int]) -> None:
    """Time an order in a vehicle; what does not fit is left out, dearest kept."""
    model = plan.model
    left = in_pinned_order(model, order)
    while left:
        timed = schedule(model, vehicle, left, plan.held)
        if timed is not None:
            plan.put(timed)
            return
        left.remove(min(left, key=lambda row: (int(model.penalty[row]), row)))
        left = in_pinned_order(model, left)
