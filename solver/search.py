"""Plan one day, in this process or with several of them, and say what it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from solver.bounds import refuse_overflow
from solver.codec import problem_hash
from solver.day import Search, search_day
from solver.many import solve_many
from solver.model import build
from solver.options import Options
from solver.plan import Solution
from solver.progress import Progress, components, report_to
from solver.types import Problem
from solver.usage import peak_kb

__all__ = ["Progress", "solve"]


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
        A plan to begin with, feasible or not: what fits of it is kept, and one that keeps every
        rule is never made worse. Without it the search begins with the problem's previous plan,
        or with nothing.
    progress
        Called about twice a second with ``{"seconds_milli", "rounds", "cost"}``; whenever the cost
        fell, and at the end, also with ``unserved`` and ``cost.<rule>`` of each rule. ``fallback``
        is 1 in it when compiled code cannot run and OR-Tools plans instead.
    cancelled
        Asked many times a second, of the last step from another thread; True ends the search with
        the best plan so far.

    Returns
    -------
    Solution
        Always one that `solver.check` accepts. What cannot be served is listed with its reason.

    Raises
    ------
    ProblemError
        ``cost.overflow``: weights and costs so large that a plan's cost could leave 64 bits.

    Warns
    -----
    RuntimeWarning
        Compiled code cannot run here: the plan is OR-Tools' (`stats` has ``fallback``).
    """
    options = options or Options()
    refuse_overflow(problem, options.weights)
    begun, cpu = time.monotonic(), time.process_time()
    stop = cancelled or (lambda: False)
    if options.threads > 1 and options.engine == "kernels":
        found = solve_many(problem, options, start, progress, stop)
    else:
        search = Search(options, begun + options.seconds, start)
        found = search_day(
            build(problem, options.weights), search, report_to(progress, begun), stop
        )
    found = replace(found, problem_hash=found.problem_hash or problem_hash(problem))
    spent = int((time.monotonic() - begun) * 1000)
    used = int((time.process_time() - cpu) * 1000)
    stats = {
        **found.stats,
        "seconds_milli": spent,
        "cpu_milli": found.stats.get("cpu_milli", 0) + used,
        "peak_kb": max(found.stats.get("peak_kb", 0), peak_kb()),
        "seed": options.seed,
    }
    if progress is not None:
        told = {"seconds_milli": spent, "rounds": stats["rounds"]}
        progress(told | components(found.cost, len(found.unserved)))
    return replace(found, stats=stats)
