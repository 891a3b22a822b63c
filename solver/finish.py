"""The last step of a search: small days are proven, on all others every start slides to its best.

The compiled searches hold agreed starts and place breaks as soon as they can; CP-SAT then moves
all starts and breaks of the orders they found at once, which is a small matter for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from solver.errors import ProblemError
from solver.model import Model
from solver.options import Options
from solver.plan import Solution

__all__ = ["SMALL", "finish", "search_end"]

#: Visits up to which carers and orders are proven too.
SMALL = 10

_SHIFTS = 40
"""Shifts up to which a day is small."""

_PROVES, _MOVES = 1_500, 500
"""Steps of a budget from which on a small day is proven, and starts slide; below, the caller wants
an answer at once."""

_LEAST = 0.05
"""Seconds without which it is not worth beginning."""

_SHARE, _LONGEST = 0.05, 3.0
"""Of a search by the clock, what is kept for the last step; in seconds at most."""

_SEARCH = 0.3
"""Of a small day's time, what the search may use; proving has the rest."""

_EFFORT, _BY_STEP = 2.0, 0.002
"""Most work of the last step, and the work for each step of a budget."""

_PROOF = 4
"""How much more of it a small day has, whose carers and orders are open too."""


def search_end(model: Model, options: Options, until: float) -> float:
    """`time.monotonic` at which a search that begins now has to leave the rest to `finish`."""
    now = time.monotonic()
    if options.engine != "kernels":
        return until
    if _small(model):
        return until if options.iterations else now + min(_LONGEST, _SEARCH * (until - now))
    return until - min(_LONGEST, _SHARE * (until - now)) if _slides(model) else until


def finish(
    model: Model,
    found: Solution,
    options: Options,
    until: float,
    cancelled: Callable[[], bool] | None = None,
) -> Solution:
    """A plan never dearer than the one found.

    until
        `time.monotonic` at which to stop whatever happens.
    cancelled
        Asked many times a second, from another thread; True ends it with the best plan so far.
    """
    steps = options.iterations
    small = _small(model) and (steps is None or steps >= _PROVES)
    if options.engine != "kernels" or (steps is not None and steps < _MOVES):
        return found
    if not (small or _slides(model)):
        return found
    if until - time.monotonic() < _LEAST or (cancelled is not None and cancelled()):
        return found
    # CP-SAT takes a quarter of a second to load; who only suggests or judges never needs it.
    from solver.exact.proof import prove
    from solver.exact.scope import everything, sliding

    effort = _EFFORT if steps is None else min(_EFFORT, _BY_STEP * steps)
    effort *= _PROOF if small else 1
    scope = everything(model) if small else sliding(model, options, found)
    try:
        best = prove(scope, options, found, until=until, effort=effort, cancelled=cancelled)
    except ProblemError:
        # Numbers too large to add up: the search's plan stands.
        return found
    return best.solution


def _small(model: Model) -> bool:
    return len(model.problem.visits) <= SMALL and len(model.shifts) <= _SHIFTS


def _slides(model: Model) -> bool:
    """Whether a later start, or another place of a break, can make a given order cheaper.

    Where only late starts and late ends cost, sooner is never dearer, and the searches time their
    routes as soon as possible; the order search lets linked starts slide by itself.
    """
    try:
        from solver.ordered import suits
    except Exception:
        # Compiled code cannot run here; `solver.compiled` says so.
        return False
    if suits(model):
        return False
    weights, problem = model.weights, model.problem
    if problem.previous and weights.change_start:
        return True
    if weights.waiting or any(s.cost_hour for s in problem.staff):
        return True
    tied = any(model.tied(cluster) for cluster in model.clusters)
    wished = any(v.preferred is not None for v in problem.visits)
    early = weights.early and any(
        v.preferred is not None and v.preferred.earliest > model.windows[row][0].earliest
        for row, v in enumerate(problem.visits)
    )
    overtime = weights.overtime and any(s.latest_return > s.end for s in model.shifts)
    return bool(early or (tied and (overtime or wished)))
