"""From CP-SAT's values to a plan, and from a plan to a hint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from ortools.sat.python import cp_model

from solver.exact.lanes import HOME, Day, Run
from solver.plan import Pause, Route, Solution, Stop

__all__ = ["hint", "routes"]

Value = Callable[[cp_model.IntVar], int]


@dataclass(slots=True)
class _Walk:
    """One route while it is read. `rests`: per stop and for the way home, (start, seconds)."""

    rows: list[int]
    starts: list[int]
    rests: list[list[tuple[int, int]]]
    pauses: list[tuple[int, int]]


def routes(day: Day, value: Value) -> tuple[Route, ...]:
    """The routes CP-SAT chose, each as early as it can be at the same price."""
    found = []
    held = _held(day)
    for run in day.runs:
        if value(run.used):
            walk = _walked(day, run, value)
            _earlier(day, run, walk, held)
            found.append(_route(day, run, walk))
    return tuple(found)


def _held(day: Day) -> set[int]:
    """Visits whose start means something beyond their own route, or was promised."""
    problem = day.scope.model.problem
    ends = [end for k in problem.links for end in (k.first, k.second)]
    ends += [end for k in problem.apart for end in (k.first, k.second)]
    ends += [s.visit for r in problem.previous for s in r.stops if problem.has_visit(s.visit)]
    shared = {row for row in day.starts if day.scope.model.carers[row] > 1}
    return shared | {problem.visit_row(one) for one in ends}


def _walked(day: Day, run: Run, value: Value) -> _Walk:
    follows = {tail: head for (tail, head), arc in run.arcs.items() if value(arc.taken)}
    rows: list[int] = []
    while (row := follows[rows[-1] if rows else HOME]) != HOME:
        rows.append(row)
    walk = _Walk(rows, [value(day.starts[r]) for r in rows], [[] for _ in range(len(rows) + 1)], [])
    for index, rest in enumerate(run.rests):
        begin = value(rest.start)
        walk.pauses.append((index, begin))
        if value(rest.leaving) or not value(rest.back):
            continue
        at = next((k for k, r in enumerate(rows) if value(rest.before[r])), len(rows))
        walk.rests[at].append((begin, rest.asked.duration))
    return walk


def _ways(run: Run, walk: _Walk) -> list[tuple[int, int]]:
    """(way, access) before each stop and on the way home."""
    arcs = [run.arcs[pair] for pair in pairwise((HOME, *walk.rows, HOME))]
    return [(arc.way, arc.access) for arc in arcs]


def _earlier(day: Day, run: Run, walk: _Walk, held: set[int]) -> None:
    """Start as soon as one is there, where that costs nothing and ties nobody.

    The first start stays: who leaves sooner is on duty for longer.
    """
    model, ways = day.scope.model, _ways(run, walk)
    for k in range(1, len(walk.rows)):
        row = walk.rows[k]
        if row in held:
            continue
        soonest = walk.starts[k - 1] + run.long[walk.rows[k - 1]] + sum(ways[k])
        soonest += sum(long for _, long in walk.rests[k])
        soonest = max([soonest, *(begin + long for begin, long in walk.rests[k])])
        wish = model.problem.visits[row].preferred
        if wish is not None:
            soonest = max(soonest, min(wish.earliest, walk.starts[k]))
        open_ = [max(soonest, w.earliest) for w in model.windows[row] if soonest <= w.latest]
        walk.starts[k] = min([walk.starts[k], *open_])


def _route(day: Day, run: Run, walk: _Walk) -> Route:
    """Times around the starts: leave as late and be home as early as they allow."""
    problem, ways = day.scope.model.problem, _ways(run, walk)
    first = walk.rests[0]
    leave = walk.starts[0] - sum(ways[0]) - sum(long for _, long in first)
    leave = min([leave, *(begin for begin, _ in first)])
    stops: list[Stop] = []
    free = leave
    for row, start, (way, access), rests in zip(
        walk.rows, walk.starts, ways[:-1], walk.rests[:-1], strict=True
    ):
        end = start + run.long[row]
        there = min(_there(free, way, rests), start - access)
        stops.append(Stop(problem.visits[row].id, there, start, end))
        free = end
    finish = _there(free, ways[-1][0], walk.rests[-1])
    finish = max([finish, *(begin + long for begin, long in walk.rests[-1])])
    breaks = run.shift.breaks
    pauses = tuple(Pause(k, begin, begin + breaks[k].duration) for k, begin in walk.pauses)
    return Route(run.staff.id, run.number, leave, finish, tuple(stops), pauses)


def _there(free: int, way: int, rests: list[tuple[int, int]]) -> int:
    """When a way begun at `free` is over that every break interrupts which begins before."""
    for begin, long in rests:
        if free + way > begin:
            way -= begin - free
            free = begin + long
    return free + way


def hint(day: Day, solution: Solution) -> None:
    """Tell CP-SAT a plan to begin with."""
    problem, put = day.scope.model.problem, day.model
    made = {s.visit: s.start for r in solution.routes for s in r.stops}
    for row, flag in day.served.items():
        name = problem.visits[row].id
        if row in day.scope.free:
            put.add_hint(flag, name in made)
        if name in made:
            put.add_hint(day.starts[row], made[name])
    known = {(r.staff, r.shift): r for r in solution.routes}
    for run in day.runs:
        _hint_route(day, run, known.get((run.staff.id, run.number)))


def _hint_route(day: Day, run: Run, route: Route | None) -> None:
    problem, put = day.scope.model.problem, day.model
    if not run.order:
        put.add_hint(run.used, route is not None)
    stops: Mapping[int, Stop] = {}
    if route is not None:
        stops = {problem.visit_row(s.visit): s for s in route.stops}
        put.add_hint(run.leave, route.departure)
        put.add_hint(run.finish, route.finish)
    for row, flag in run.has.items():
        if row not in run.order:
            put.add_hint(flag, row in stops)
    taken = set(pairwise((HOME, *stops, HOME))) if stops else set()
    for pair, arc in run.arcs.items():
        put.add_hint(arc.taken, pair in taken)
    begins = {p.index: p.start for p in route.pauses} if route is not None else {}
    for index, rest in enumerate(run.rests):
        begin = begins.get(index)
        if begin is None or route is None:
            continue
        put.add_hint(rest.start, begin)
        over = begin + rest.asked.duration
        put.add_hint(rest.leaving, over <= route.departure)
        put.add_hint(rest.back, over <= route.finish)
        for row, stop in stops.items():
            put.add_hint(rest.before[row], over <= stop.start)
